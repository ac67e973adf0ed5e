package plan

import (
	"slices"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// dropOf takes a port out, or only what it may be without.
func (j *judgement) dropOf(name, key, why string, vlan *vswitch.VLAN, limit *vswitch.RateLimit, others map[string]func()) {
	port := vswitch.ID{Table: vswitch.PortTable, Name: name}
	without, optional := others[key]
	switch {
	case key == "vlan":
		*vlan = vswitch.VLAN{Mode: vswitch.VLANNone}
	case key == "rateLimit":
		*limit = vswitch.RateLimit{}
	case optional:
		without()
	default:
		j.doom(port, why)
		return
	}
	for _, table := range []vswitch.Table{vswitch.PortTable, vswitch.IfaceTable, vswitch.QoSTable} {
		j.because(vswitch.ID{Table: table, Name: name}, "%s", why)
	}
	j.some = true
}

func (j *judgement) dropBridge(b *dpdk.BridgeSpec, onlyAddresses bool, why string) {
	if onlyAddresses && len(b.Addresses) > 0 {
		j.leave("Bridge %s: addresses %v (%s)", b.Name, b.Addresses, why)
		b.Addresses = nil
		j.some = true
		return
	}
	j.doom(vswitch.ID{Table: vswitch.BridgeTable, Name: b.Name}, why)
}

func (j *judgement) doom(id vswitch.ID, why string) {
	j.because(id, "%s", why)
	j.doomed[id] = true
}

// dropSection takes a section out; dpdk ports go with theirs.
func (j *judgement) dropSection(s section, why string) {
	j.without(s, "%s", why)
	j.some = true
	if s == cpuSection {
		j.profile.CPU = nil
		for b := range j.profile.Bridges {
			for p := range j.profile.Bridges[b].Ports {
				j.profile.Bridges[b].Ports[p].RxAffinity = nil
			}
		}
		return
	}
	j.profile.DPDK = nil
	if v := j.profile.VHost; v != nil {
		v.IOMMU, v.Postcopy, v.SocketDir = nil, nil, defaultSocketDir
	}
	for _, b := range j.profile.Bridges {
		for _, p := range b.Ports {
			j.doom(vswitch.ID{Table: vswitch.PortTable, Name: p.Name}, "a dpdk port needs the dpdk section, which is left out")
		}
	}
}

// sweep removes what is doomed, and tells whether anything went.
func (j *judgement) sweep() bool {
	gone := func(table vswitch.Table, name string) bool { return j.doomed[vswitch.ID{Table: table, Name: name}] }
	count := func() int {
		n := len(j.profile.Bridges)
		for _, b := range j.profile.Bridges {
			n += len(b.Ports) + len(b.Bonds)
		}
		if j.profile.VHost != nil {
			n += len(j.profile.VHost.Ports)
		}
		return n
	}
	before := count()
	for i := range j.profile.Bridges {
		j.sweepBonds(&j.profile.Bridges[i])
	}
	j.profile.Bridges = slices.DeleteFunc(j.profile.Bridges, func(b dpdk.BridgeSpec) bool { return gone(vswitch.BridgeTable, b.Name) })
	for i := range j.profile.Bridges {
		b := &j.profile.Bridges[i]
		b.Ports = slices.DeleteFunc(b.Ports, func(p dpdk.PortSpec) bool { return gone(vswitch.PortTable, p.Name) })
	}
	if v := j.profile.VHost; v != nil {
		v.Ports = slices.DeleteFunc(v.Ports, func(p vhost.PortSpec) bool {
			return gone(vswitch.PortTable, p.Name) || gone(vswitch.BridgeTable, p.Bridge)
		})
		if len(v.Ports) == 0 && v.IOMMU == nil {
			j.profile.VHost = nil
		}
	}
	return j.some || count() < before
}

// sweepBonds lets bonds and their members go together.
func (j *judgement) sweepBonds(b *dpdk.BridgeSpec) {
	b.Bonds = slices.DeleteFunc(b.Bonds, func(bond dpdk.BondSpec) bool {
		id := vswitch.ID{Table: vswitch.PortTable, Name: bond.Name}
		for _, m := range bond.Members {
			member := vswitch.ID{Table: vswitch.PortTable, Name: m}
			if j.doomed[member] {
				j.doom(id, m+": "+j.reasons[member])
			}
		}
		for _, m := range bond.Members {
			member := vswitch.ID{Table: vswitch.PortTable, Name: m}
			j.doomed[member] = j.doomed[member] || j.doomed[id]
		}
		return j.doomed[id]
	})
}
