package ovsdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// errInFlux says that the mirror is between two halves of an update; the rest
// of it will wake the reader.
var errInFlux = errors.New("the mirror is being updated")

// Observe returns the mirror as one value. While an update is coming in, it
// waits for the rest of it. It is ErrClosed once the connection has ended.
func (c *Client) Observe(ctx context.Context) (vswitch.Observed, error) {
	changed, stop := c.Subscribe()
	defer stop()
	for {
		o, err := c.observe(ctx)
		if !errors.Is(err, errInFlux) {
			return o, err
		}
		select {
		case <-changed:
		case <-c.Done():
			return o, ErrClosed
		case <-ctx.Done():
			return o, ctx.Err()
		}
	}
}

func (c *Client) observe(ctx context.Context) (vswitch.Observed, error) {
	var (
		roots   []openvSwitch
		bridges []bridge
		ports   []port
		ifaces  []iface
		qoses   []qos
		sets    []collectorSet
		exports []ipfix
	)
	if err := c.list(ctx, &roots, &bridges, &ports, &ifaces, &qoses, &sets, &exports); err != nil {
		return vswitch.Observed{}, err
	}
	r := reader{o: vswitch.Observed{Schema: c.schema}, parents: map[string]vswitch.ID{}, used: map[string]bool{}}
	for _, root := range roots {
		r.root(root)
	}
	orphans := r.orphans(bridges, ports, sets)
	names := map[string]string{} // of bridges
	for _, b := range bridges {
		if !orphans[b.UUID] {
			r.bridge(b)
			names[b.UUID] = b.Name
		}
	}
	for _, p := range ports {
		if !orphans[p.UUID] {
			r.port(p)
		}
	}
	for _, i := range ifaces {
		if !orphans[i.UUID] {
			r.iface(i)
		}
	}
	for _, q := range qoses {
		if !orphans[q.UUID] {
			r.qos(q)
		}
	}
	for _, s := range sets {
		r.collectorSet(s, names[s.Bridge])
	}
	for _, e := range exports {
		if !orphans[e.UUID] {
			r.ipfix(e)
		}
	}
	vswitch.SortObserved(r.o.Rows)
	if !r.whole() {
		return r.o, errInFlux
	}
	return r.o, nil
}

// list copies whole tables out of the mirror, each into a pointer to a slice.
func (c *Client) list(ctx context.Context, tables ...any) error {
	// libovsdb waits in List for a mirror that a lost connection never completes.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.alive, cancel)()
	for _, into := range tables {
		if err := c.db.List(ctx, into); err != nil {
			return cmp.Or(c.ended(), fmt.Errorf("read the mirror: %w", err))
		}
	}
	// What libovsdb still lists of a connection that has ended is old.
	return c.ended()
}

// reader turns rows that refer to each other by UUID into rows that refer by name.
type reader struct {
	o       vswitch.Observed
	parents map[string]vswitch.ID // UUID of a referred row -> who refers to it
	used    map[string]bool
}

// whole tells whether all rows of one update are there: each that is referred to,
// and who refers to each. The server keeps no row otherwise, but for QoS rows and
// collector sets.
func (r *reader) whole() bool {
	for uuid := range r.parents {
		if !r.used[uuid] {
			return false
		}
	}
	return !slices.ContainsFunc(r.o.Rows, func(row vswitch.ObservedRow) bool {
		return row.Parent == (vswitch.ID{}) && row.ID != vswitch.Root && row.Table != vswitch.QoSTable && row.Table != vswitch.CollectorSetTable
	})
}

func (r *reader) add(table vswitch.Table, name, uuid string, ids map[string]string, s vswitch.Settings) *vswitch.ObservedRow {
	row := vswitch.ObservedRow{UUID: uuid, Mark: markOf(ids)}
	row.ID, row.Parent, row.Settings = vswitch.ID{Table: table, Name: name}, r.parents[uuid], s
	r.used[uuid] = true
	for k, v := range ids {
		if !strings.HasPrefix(k, "sluice-") {
			s["external_ids:"+k] = v
		}
	}
	r.o.Rows = append(r.o.Rows, row)
	return &r.o.Rows[len(r.o.Rows)-1]
}

func (r *reader) root(o openvSwitch) {
	r.o.CurCfg, r.o.NextCfg = int64(o.CurCfg), int64(o.NextCfg)
	r.o.OVSVersion, r.o.DPDKVersion = text(o.OVSVersion), text(o.DPDKVersion)
	r.o.DPDKInitialized = o.DPDKInitialized
	r.o.IfaceTypes = slices.Sorted(slices.Values(o.IfaceTypes))
	r.o.DatapathTypes = slices.Sorted(slices.Values(o.DatapathTypes))
	for _, uuid := range o.Bridges {
		r.parents[uuid] = vswitch.Root
	}
	s := vswitch.Settings{}
	keys(s, "other_config", o.OtherConfig)
	r.add(vswitch.OpenvSwitch, vswitch.Root.Name, o.UUID, o.ExternalIDs, s)
}

func (r *reader) bridge(b bridge) {
	id := vswitch.ID{Table: vswitch.BridgeTable, Name: b.Name}
	for _, uuid := range b.Ports {
		r.parents[uuid] = id
	}
	if b.IPFIX != nil {
		r.parents[*b.IPFIX] = id
	}
	s := vswitch.Settings{}
	s.Set("datapath_type", b.DatapathType)
	s.Set("fail_mode", text(b.FailMode))
	keys(s, "other_config", b.OtherConfig)
	r.add(id.Table, id.Name, b.UUID, b.ExternalIDs, s)
}

func (r *reader) port(p port) {
	id := vswitch.ID{Table: vswitch.PortTable, Name: p.Name}
	for _, uuid := range p.Interfaces {
		r.parents[uuid] = id
	}
	if p.QoS != nil {
		r.parents[*p.QoS] = id
	}
	s := vswitch.Settings{}
	s.Set("bond_mode", text(p.BondMode))
	s.Set("lacp", text(p.LACP))
	s.Set("vlan_mode", text(p.VLANMode))
	if p.Tag != nil {
		s["tag"] = strconv.Itoa(*p.Tag)
	}
	s.Set("trunks", vswitch.JoinInts(p.Trunks))
	keys(s, "other_config", p.OtherConfig)
	r.add(id.Table, id.Name, p.UUID, p.ExternalIDs, s)
}

func (r *reader) iface(i iface) {
	s := vswitch.Settings{}
	s.Set("type", i.Type)
	if i.MTURequest != nil {
		s["mtu_request"] = strconv.Itoa(*i.MTURequest)
	}
	s.Set("ingress_policing_rate", nonZero(i.PolicingRate))
	s.Set("ingress_policing_burst", nonZero(i.PolicingBurst))
	keys(s, "bfd", i.BFD)
	keys(s, "options", i.Options)
	keys(s, "other_config", i.OtherConfig)
	row := r.add(vswitch.IfaceTable, i.Name, i.UUID, i.ExternalIDs, s)
	row.Status = &vswitch.InterfaceStatus{
		Error:      text(i.Error),
		OFPort:     wide(i.OFPort),
		AdminState: text(i.AdminState),
		LinkState:  text(i.LinkState),
		MTU:        wide(i.MTU),
		MACInUse:   text(i.MACInUse),
		LinkSpeed:  wide(i.LinkSpeed),
		Status:     maps.Clone(i.Status),
	}
}

// qos names a row after the port that refers to it. Of rows nobody refers to,
// those with our mark are leftovers of ours, named by their UUID, for Diff to
// delete: who deletes a port leaves its QoS row behind. Others stay out.
func (r *reader) qos(q qos) {
	port, referred := r.parents[q.UUID]
	if !referred && markOf(q.ExternalIDs).Owner == "" {
		return
	}
	s := vswitch.Settings{"type": q.Type}
	keys(s, "other_config", q.OtherConfig)
	r.add(vswitch.QoSTable, cmp.Or(port.Name, q.UUID), q.UUID, q.ExternalIDs, s)
}

func markOf(ids map[string]string) vswitch.Mark {
	m := vswitch.Mark{Owner: ids[vswitch.OwnerKey], Keys: strings.Fields(ids[vswitch.KeysKey])}
	for k, v := range ids {
		if setting, ok := strings.CutPrefix(k, vswitch.FormerPrefix); ok {
			if m.Former == nil {
				m.Former = map[string]string{}
			}
			m.Former[setting] = v
		}
	}
	return m
}

func keys(s vswitch.Settings, column string, m map[string]string) {
	for k, v := range m {
		s[column+":"+k] = v
	}
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func nonZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func wide(p *int) *int64 {
	if p == nil {
		return nil
	}
	n := int64(*p)
	return &n
}
