package dpdk

import (
	"fmt"
	"strconv"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// bridge plans one netdev bridge with its internal port, ports and bonds.
func (p *planner) bridge(b BridgeSpec) {
	id := vswitch.ID{Table: vswitch.BridgeTable, Name: b.Name}
	s := vswitch.Settings{"datapath_type": "netdev"}
	s.Set("fail_mode", string(b.FailMode))
	s.Set("other_config:hwaddr", p.hwaddr(b))
	p.row(id, vswitch.Root, s)

	local := vswitch.ID{Table: vswitch.PortTable, Name: b.Name}
	p.row(local, id, vswitch.Settings{})
	iface := vswitch.Settings{"type": "internal"}
	if b.MTU > 0 {
		iface["mtu_request"] = strconv.Itoa(b.MTU)
		p.checkMTU(b.Path+".mtu", b.Name, b.MTU)
	}
	p.row(vswitch.ID{Table: vswitch.IfaceTable, Name: b.Name}, local, iface)
	if len(b.Addresses)+len(b.Routes) > 0 {
		p.addresses = append(p.addresses, host.SetAddresses{Device: b.Name, Addresses: b.Addresses, Routes: b.Routes})
	}

	member := p.bonds(b, id)
	for _, port := range b.Ports {
		p.checkPort(port)
		if bond, ok := member[port.Name]; ok {
			p.iface(port, bond.id, bond.limit)
			continue
		}
		portID := vswitch.ID{Table: vswitch.PortTable, Name: port.Name}
		p.port(portID, id, vswitch.Settings{}, port.VLAN, port.RateLimit)
		p.iface(port, portID, port.RateLimit)
	}
}

// hwaddr pins the bridge's MAC to that of the NIC that carries its addresses:
// without it the bridge takes the lowest MAC of its ports, and tunnel peers lose
// it whenever a port comes or goes. Unknown = left as it is.
func (p *planner) hwaddr(b BridgeSpec) string {
	if len(b.Addresses) == 0 {
		return ""
	}
	for _, port := range b.Ports {
		if port.Device.Vdev == "" {
			return p.devices[port.Path].mac
		}
	}
	return ""
}

// port adds a Port row and its QoS row.
func (p *planner) port(id, bridge vswitch.ID, s vswitch.Settings, vlan vswitch.VLAN, limit vswitch.RateLimit) {
	vlan.Settings(s)
	p.row(id, bridge, s)
	if qos, ok := limit.EgressQoS(id.Name); ok {
		p.plan.Rows = append(p.plan.Rows, qos)
	}
}

// iface adds a dpdk Interface row below a port or a bond. Ingress policing is
// each interface's own: every member of a bond gets the whole rate.
func (p *planner) iface(spec PortSpec, parent vswitch.ID, limit vswitch.RateLimit) {
	s := vswitch.Settings{
		"type":                 "dpdk",
		"options:dpdk-devargs": spec.Device.devargs(),
		// Written either way: OVS's default became true with 3.4.
		"options:dpdk-lsc-interrupt": strconv.FormatBool(spec.LSCInterrupt),
	}
	for name, n := range map[string]int{
		"options:n_rxq": spec.RxQueues, "options:n_rxq_desc": spec.RxDesc,
		"options:n_txq_desc": spec.TxDesc, "mtu_request": spec.MTU,
	} {
		if n > 0 {
			s[name] = strconv.Itoa(n)
		}
	}
	// Only where wanted: asking makes OVS warn on NICs without flow control.
	for name, on := range map[string]bool{
		"options:rx-flow-ctrl": spec.FlowControl.Rx, "options:tx-flow-ctrl": spec.FlowControl.Tx,
		"options:flow-ctrl-autoneg": spec.FlowControl.Autoneg,
	} {
		if on {
			s[name] = "true"
		}
	}
	limit.IngressSettings(s)
	p.row(vswitch.ID{Table: vswitch.IfaceTable, Name: spec.Name}, parent, s)
}

// bondPort is the bond that an interface belongs to.
type bondPort struct {
	id    vswitch.ID
	limit vswitch.RateLimit
}

// bonds adds the Port rows of a bridge's bonds and returns each member's bond.
func (p *planner) bonds(b BridgeSpec, bridge vswitch.ID) map[string]bondPort {
	ports := map[string]PortSpec{}
	for _, port := range b.Ports {
		ports[port.Name] = port
	}
	member := map[string]bondPort{}
	for _, bond := range b.Bonds {
		id := vswitch.ID{Table: vswitch.PortTable, Name: bond.Name}
		s := vswitch.Settings{}
		s.Set("bond_mode", string(bond.Mode))
		s.Set("lacp", bond.LACP)
		if bond.LACPFast && bond.LACP != "" && bond.LACP != "off" {
			s["other_config:lacp-time"] = "fast"
		}
		p.port(id, bridge, s, bond.VLAN, bond.RateLimit)
		p.checkBond(bond)
		for i, name := range bond.Members {
			path := fmt.Sprintf("%s.members[%d]", bond.Path, i)
			spec, found := ports[name]
			switch other, taken := member[name]; {
			case !found:
				p.report(finding.Error, "bond-member-missing", path,
					fmt.Sprintf("bond %s: bridge %s has no port %s", bond.Name, b.Name, name), "", "name entries of the same bridge's ports")
			case taken:
				p.report(finding.Error, "bond-member-twice", path,
					fmt.Sprintf("%s is a member of bond %s already", name, other.id.Name), "", "name each port in one bond, once")
			default:
				member[name] = bondPort{id, bond.RateLimit}
				p.checkMember(bond, spec)
			}
		}
	}
	return member
}
