package ovsdb

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// orphans are bridges that only a collector set keeps in the database, with what is
// below them: ovs-vsctl del-br takes the reference to the bridge away and leaves the set
// that refers to it. For ovs-vswitchd they are not there.
func (r *reader) orphans(bridges []bridge, ports []port, sets []collectorSet) map[string]bool {
	kept := map[string]bool{}
	for _, s := range sets {
		kept[s.Bridge] = r.parents[s.Bridge] == (vswitch.ID{})
	}
	orphans := map[string]bool{}
	for _, b := range bridges {
		if !kept[b.UUID] {
			continue
		}
		orphans[b.UUID] = true
		for _, uuid := range b.Ports {
			orphans[uuid] = true
		}
		if b.IPFIX != nil {
			orphans[*b.IPFIX] = true
		}
	}
	for _, p := range ports {
		if !orphans[p.UUID] {
			continue
		}
		for _, uuid := range p.Interfaces {
			orphans[uuid] = true
		}
		if p.QoS != nil {
			orphans[*p.QoS] = true
		}
	}
	return orphans
}

// collectorSet names a row by its bridge and number, which no two rows share. The row
// refers to its bridge: the reader makes that its parent, as for a reference the other
// way round. A set whose bridge is an orphan is a leftover, named by its UUID.
func (r *reader) collectorSet(c collectorSet, bridge string) {
	id := vswitch.ID{Table: vswitch.CollectorSetTable, Name: c.UUID}
	if bridge != "" {
		id.Name = bridge + "/" + strconv.Itoa(c.ID)
		r.parents[c.UUID] = vswitch.ID{Table: vswitch.BridgeTable, Name: bridge}
	}
	if c.IPFIX != nil {
		r.parents[*c.IPFIX] = id
	}
	r.add(id.Table, id.Name, c.UUID, c.ExternalIDs, vswitch.Settings{"id": strconv.Itoa(c.ID)})
}

// ipfix names a row after who refers to it.
func (r *reader) ipfix(i ipfix) {
	s := vswitch.Settings{}
	for name, n := range map[string]*int{
		"cache_active_timeout": i.CacheActiveTimeout, "cache_max_flows": i.CacheMaxFlows,
		"obs_domain_id": i.ObsDomainID, "obs_point_id": i.ObsPointID, "sampling": i.Sampling,
	} {
		if n != nil {
			s[name] = strconv.Itoa(*n)
		}
	}
	s.Set("targets", strings.Join(slices.Sorted(slices.Values(i.Targets)), ","))
	keys(s, "other_config", i.OtherConfig)
	r.add(vswitch.IPFIXTable, r.parents[i.UUID].Name, i.UUID, i.ExternalIDs, s)
}
