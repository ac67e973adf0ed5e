package ovsdb

import (
	"maps"
	"slices"

	"github.com/ovn-kubernetes/libovsdb/model"
)

// libovsdb copies every row that goes into its mirror or comes out of it. A model
// that cannot copy itself goes through JSON and back, which was a sixth of the
// daemon's work while it applied 68 ports.

// CloneModel returns a deep copy.
func (o *openvSwitch) CloneModel() model.Model { return o.copy() }

// CloneModelInto makes to a deep copy.
func (o *openvSwitch) CloneModelInto(to model.Model) { into(o.copy(), to) }

func (o *openvSwitch) copy() *openvSwitch {
	c := *o
	c.Bridges, c.DatapathTypes, c.IfaceTypes = slices.Clone(o.Bridges), slices.Clone(o.DatapathTypes), slices.Clone(o.IfaceTypes)
	c.ExternalIDs, c.OtherConfig = maps.Clone(o.ExternalIDs), maps.Clone(o.OtherConfig)
	c.DPDKVersion, c.OVSVersion = clone(o.DPDKVersion), clone(o.OVSVersion)
	return &c
}

// CloneModel returns a deep copy.
func (b *bridge) CloneModel() model.Model { return b.copy() }

// CloneModelInto makes to a deep copy.
func (b *bridge) CloneModelInto(to model.Model) { into(b.copy(), to) }

func (b *bridge) copy() *bridge {
	c := *b
	c.ExternalIDs, c.OtherConfig = maps.Clone(b.ExternalIDs), maps.Clone(b.OtherConfig)
	c.FailMode, c.IPFIX, c.Ports = clone(b.FailMode), clone(b.IPFIX), slices.Clone(b.Ports)
	return &c
}

// CloneModel returns a deep copy.
func (p *port) CloneModel() model.Model { return p.copy() }

// CloneModelInto makes to a deep copy.
func (p *port) CloneModelInto(to model.Model) { into(p.copy(), to) }

func (p *port) copy() *port {
	c := *p
	c.ExternalIDs, c.OtherConfig = maps.Clone(p.ExternalIDs), maps.Clone(p.OtherConfig)
	c.BondMode, c.LACP, c.QoS, c.Tag, c.VLANMode = clone(p.BondMode), clone(p.LACP), clone(p.QoS), clone(p.Tag), clone(p.VLANMode)
	c.Interfaces, c.Trunks = slices.Clone(p.Interfaces), slices.Clone(p.Trunks)
	return &c
}

// CloneModel returns a deep copy.
func (i *iface) CloneModel() model.Model { return i.copy() }

// CloneModelInto makes to a deep copy.
func (i *iface) CloneModelInto(to model.Model) { into(i.copy(), to) }

func (i *iface) copy() *iface {
	c := *i
	c.ExternalIDs, c.Options = maps.Clone(i.ExternalIDs), maps.Clone(i.Options)
	c.OtherConfig, c.Status, c.BFD = maps.Clone(i.OtherConfig), maps.Clone(i.Status), maps.Clone(i.BFD)
	c.AdminState, c.LinkState, c.LinkSpeed = clone(i.AdminState), clone(i.LinkState), clone(i.LinkSpeed)
	c.Error, c.MACInUse, c.OFPort = clone(i.Error), clone(i.MACInUse), clone(i.OFPort)
	c.MTU, c.MTURequest = clone(i.MTU), clone(i.MTURequest)
	return &c
}

// CloneModel returns a deep copy.
func (q *qos) CloneModel() model.Model { return q.copy() }

// CloneModelInto makes to a deep copy.
func (q *qos) CloneModelInto(to model.Model) { into(q.copy(), to) }

func (q *qos) copy() *qos {
	c := *q
	c.ExternalIDs, c.OtherConfig = maps.Clone(q.ExternalIDs), maps.Clone(q.OtherConfig)
	return &c
}

// CloneModel returns a deep copy.
func (s *collectorSet) CloneModel() model.Model { return s.copy() }

// CloneModelInto makes to a deep copy.
func (s *collectorSet) CloneModelInto(to model.Model) { into(s.copy(), to) }

func (s *collectorSet) copy() *collectorSet {
	c := *s
	c.ExternalIDs, c.IPFIX = maps.Clone(s.ExternalIDs), clone(s.IPFIX)
	return &c
}

// CloneModel returns a deep copy.
func (i *ipfix) CloneModel() model.Model { return i.copy() }

// CloneModelInto makes to a deep copy.
func (i *ipfix) CloneModelInto(to model.Model) { into(i.copy(), to) }

func (i *ipfix) copy() *ipfix {
	c := *i
	c.CacheActiveTimeout, c.CacheMaxFlows = clone(i.CacheActiveTimeout), clone(i.CacheMaxFlows)
	c.ObsDomainID, c.ObsPointID, c.Sampling = clone(i.ObsDomainID), clone(i.ObsPointID), clone(i.Sampling)
	c.ExternalIDs, c.OtherConfig, c.Targets = maps.Clone(i.ExternalIDs), maps.Clone(i.OtherConfig), slices.Clone(i.Targets)
	return &c
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// into moves a model to where libovsdb wants it, which is one of the same table.
func into[T any](from *T, to model.Model) {
	if to, ok := to.(*T); ok {
		*to = *from
	}
}
