package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// bridge describes a bridge of the userspace datapath with its ports.
func (d *describer) bridge(r vswitch.ObservedRow) {
	local, hasPort := d.o.Row(vswitch.ID{Table: vswitch.PortTable, Name: r.Name})
	iface, hasIface := d.o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: r.Name})
	switch {
	case r.Settings["datapath_type"] != "netdev":
		d.because(r.ID, "its datapath is %s; a profile makes bridges of the userspace datapath (netdev)", orText(r.Settings["datapath_type"], "system"))
		return
	case r.Mark.Owner == vswitch.OwnerAPI:
		d.because(r.ID, "added at run time")
		return
	case !hasPort || local.Parent != r.ID || !hasIface || iface.Parent != local.ID:
		d.because(r.ID, "it has no rows of its own internal port, which a profile would make")
		return
	case !slices.Contains([]string{"", "internal"}, iface.Settings["type"]):
		d.because(r.ID, "its own port is of type %s", iface.Settings["type"])
		return
	}
	b := dpdk.BridgeSpec{Name: r.Name, FailMode: dpdk.FailMode(d.meaning(r, "fail_mode"))}
	if mtu := iface.Settings["mtu_request"]; mtu != "" {
		b.MTU, _ = strconv.Atoi(mtu)
	}
	for _, n := range d.t.NICs {
		if n.Name != r.Name {
			continue
		}
		for _, a := range n.Addresses {
			if !a.Addr().IsLinkLocalUnicast() { // the kernel's own
				b.Addresses = append(b.Addresses, a)
			}
		}
	}
	for _, p := range d.below(r.ID, vswitch.PortTable) {
		if p.ID != local.ID {
			d.port(&b, p)
		}
	}
	d.profile.Bridges = append(d.profile.Bridges, b)
}

func orText(text, empty string) string {
	if text == "" {
		return empty
	}
	return text
}

// port describes one port of a bridge, or says why not.
func (d *describer) port(b *dpdk.BridgeSpec, r vswitch.ObservedRow) {
	ifaces := d.below(r.ID, vswitch.IfaceTable)
	dpdks := len(ifaces)
	for _, i := range ifaces {
		if i.Settings["type"] != "dpdk" {
			dpdks--
		}
	}
	switch {
	case r.Mark.Owner == vswitch.OwnerAPI:
		d.because(r.ID, "added at run time")
	case len(ifaces) == 0:
		d.because(r.ID, "it has no interface")
	case len(ifaces) > 1 && dpdks < len(ifaces):
		d.because(r.ID, "not all of its members are dpdk interfaces; a profile makes bonds of those")
	case len(ifaces) > 1:
		d.bond(b, r, ifaces)
	case ifaces[0].Name != r.Name:
		d.because(r.ID, "its interface has another name, %s; a profile gives both one name", ifaces[0].Name)
	case dpdks == 1:
		d.physical(b, r, ifaces[0])
	case ifaces[0].Settings["type"] == "dpdkvhostuserclient":
		d.guest(b.Name, r, ifaces[0])
	default:
		d.because(r.ID, "%s", unsayable(ifaces[0].Settings["type"]))
	}
}

// unsayable tells why a profile has no port of this type.
func unsayable(typ string) string {
	switch typ {
	case "dpdkvhostuser":
		return "type dpdkvhostuser, where OVS makes the socket; a profile has ports of type dpdkvhostuserclient, where the guest does"
	case "geneve", "vxlan", "gre", "ip6gre", "erspan", "ip6erspan", "gtpu", "bareudp", "srv6", "lisp", "stt":
		return "a tunnel (" + typ + "); a profile's overlay makes tunnels of its own"
	case "":
		typ = "system"
	}
	return "type " + typ + "; a profile has dpdk and dpdkvhostuserclient ports"
}

func (d *describer) physical(b *dpdk.BridgeSpec, r, iface vswitch.ObservedRow) {
	spec, ok := d.device(r.ID, iface)
	if !ok {
		return
	}
	spec.VLAN = d.vlan(r)
	spec.RateLimit = d.rateLimit(r, iface)
	b.Ports = append(b.Ports, spec)
}

// device describes a dpdk interface; without ok it has said why port is not named.
func (d *describer) device(port vswitch.ID, r vswitch.ObservedRow) (spec dpdk.PortSpec, ok bool) {
	spec = dpdk.PortSpec{
		Name: r.Name, Device: deviceOf(r.Settings["options:dpdk-devargs"]),
		RxQueues: d.number(r, "options:n_rxq"), RxDesc: d.number(r, "options:n_rxq_desc"), TxDesc: d.number(r, "options:n_txq_desc"),
		MTU: d.number(r, "mtu_request"), LSCInterrupt: d.is(r, "options:dpdk-lsc-interrupt"),
		FlowControl: dpdk.FlowControl{
			Rx: d.is(r, "options:rx-flow-ctrl"), Tx: d.is(r, "options:tx-flow-ctrl"), Autoneg: d.is(r, "options:flow-ctrl-autoneg"),
		},
		VLAN: vswitch.VLAN{Mode: vswitch.VLANNone},
	}
	if spec.Device == (dpdk.Device{}) {
		d.because(port, "%s names no device (options:dpdk-devargs)", r.Name)
		return spec, false
	}
	if spec.Device.MAC != "" && vswitch.Release(d.o.OVSVersion, "4.0") >= 0 && !d.is(d.root, "other_config:dpdk-probe-at-init") {
		d.because(port, "named by MAC, %s needs dpdk-probe-at-init=true from OVS 4.0 on, which is not set", r.Name)
		return spec, false
	}
	if n, found := spec.Device.Find(d.t); found && spec.Device.PCI != "" && userspace(n.Driver) {
		spec.Driver = n.Driver
	}
	if d.profile.CPU != nil { // pins go with the section that has the PMD cores
		spec.RxAffinity = pins(d.meaning(r, "other_config:pmd-rxq-affinity"))
	}
	return spec, true
}

// userspace tells whether a kernel driver only hands the device to userspace.
func userspace(driver string) bool {
	return slices.Contains([]string{"vfio-pci", "igb_uio", "uio_pci_generic"}, driver)
}

// deviceOf reads options:dpdk-devargs; what is neither a MAC nor a PCI address
// is a virtual device. What a profile does not take, its parser refuses.
func deviceOf(devargs string) dpdk.Device {
	low := strings.ToLower(devargs)
	if mac, ok := strings.CutPrefix(low, "class=eth,mac="); ok {
		return dpdk.Device{MAC: mac}
	}
	if devargs != "" && strings.Contains("0123456789abcdef", low[:1]) && strings.Contains(low, ":") {
		return dpdk.Device{PCI: low}
	}
	return dpdk.Device{Vdev: devargs}
}

// number reads a setting that OVS reads as a number; what is none has no number
// and the profile refuses it.
func (d *describer) number(r vswitch.ObservedRow, name string) int {
	n, err := strconv.Atoi(d.meaning(r, name))
	if err != nil {
		return -1
	}
	return n
}

// pins reads pmd-rxq-affinity; nil where it is not what OVS would take.
func pins(text string) []dpdk.QueuePin {
	var list []dpdk.QueuePin
	for pair := range strings.SplitSeq(text, ",") {
		queue, cpu, _ := strings.Cut(pair, ":")
		q, err1 := strconv.Atoi(queue)
		c, err2 := strconv.Atoi(cpu)
		if err1 != nil || err2 != nil {
			return nil
		}
		list = append(list, dpdk.QueuePin{Queue: q, CPU: c})
	}
	return list
}
