package plan

import (
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// guest describes a vhost-user-client port. The directory of its socket keeps
// its owner and mode: who set it up knows why.
func (d *describer) guest(bridge string, r, iface vswitch.ObservedRow) {
	socket := iface.Settings["options:vhost-server-path"]
	if socket == "" {
		d.because(r.ID, "it names no socket (options:vhost-server-path)")
		return
	}
	spec := vhost.PortSpec{
		Name: r.Name, Bridge: bridge, Socket: socket, Queues: 1,
		MTU: d.number(iface, "mtu_request"), TxRetries: d.number(iface, "options:tx-retries-max"),
		MAC: strings.ToLower(iface.Settings["external_ids:attached-mac"]), LogicalPort: iface.Settings["external_ids:iface-id"],
		VLAN: d.vlan(r), RateLimit: d.rateLimit(r, iface),
	}
	if iface.Status != nil {
		if status := vhost.ParseStatus(*iface.Status); status.State == vhost.StateConnected {
			spec.Queues = max(status.QueuePairs(), 1)
		}
	}
	if d.profile.VHost == nil {
		d.profile.VHost = &vhost.Spec{SocketDir: defaultSocketDir}
	}
	d.profile.VHost.Ports = append(d.profile.VHost.Ports, spec)
}

// bond describes a port of several dpdk interfaces.
func (d *describer) bond(b *dpdk.BridgeSpec, r vswitch.ObservedRow, ifaces []vswitch.ObservedRow) {
	bond := dpdk.BondSpec{
		Name: r.Name, Mode: dpdk.BondMode(d.meaning(r, "bond_mode")), LACP: d.meaning(r, "lacp"),
		VLAN: d.vlan(r), RateLimit: d.rateLimit(r, ifaces[0]),
	}
	bond.LACPFast = bond.LACP != "off" && d.meaning(r, "other_config:lacp-time") == "fast"
	var members []dpdk.PortSpec
	for _, i := range ifaces {
		spec, ok := d.device(r.ID, i)
		if !ok {
			return
		}
		if ingress(i) != bond.RateLimit.Ingress {
			bond.RateLimit.Ingress = vswitch.Rate{}
			d.because(i.ID, "members of one bond have different limits, a profile's bond has one")
		}
		members = append(members, spec)
		bond.Members = append(bond.Members, i.Name)
	}
	b.Ports = append(b.Ports, members...)
	b.Bonds = append(b.Bonds, bond)
}

// vlan describes a port's VLANs as OVS takes them (vswitchd/bridge.c,
// port_configure); none where a profile has no words for them.
func (d *describer) vlan(r vswitch.ObservedRow) vswitch.VLAN {
	none := vswitch.VLAN{Mode: vswitch.VLANNone}
	s := r.Settings
	if s["vlan_mode"] == "" && s["tag"] == "" && s["trunks"] == "" {
		return none
	}
	v := vswitch.VLAN{Mode: vswitch.VLANMode(orText(s["vlan_mode"], vlanMode(s)))}
	tag, err := strconv.Atoi(s["tag"])
	switch v.Mode {
	case vswitch.VLANAccess, vswitch.VLANNativeTagged, vswitch.VLANNativeUntagged:
		if err != nil || tag > 4094 {
			d.because(r.ID, "a profile wants a tag from 0 to 4094 with mode %s", v.Mode)
			return none
		}
		v.Tag = tag
	case vswitch.VLANTrunk:
	case vswitch.VLANNone:
		return none
	default:
		d.because(r.ID, "a profile does not know vlan_mode=%s", v.Mode)
		return none
	}
	if v.Mode != vswitch.VLANAccess && s["trunks"] != "" {
		for vid := range strings.SplitSeq(s["trunks"], ",") {
			n, err := strconv.Atoi(vid)
			if err != nil {
				return none
			}
			v.Trunks = append(v.Trunks, n)
		}
	}
	return v
}

// The most that a profile takes: 4T bits per second and 5G bytes.
const (
	maxKbits      = 4_000_000_000
	maxBurstBytes = 5_000_000_000
)

func (d *describer) rateLimit(port, iface vswitch.ObservedRow) vswitch.RateLimit {
	return vswitch.RateLimit{Ingress: ingress(iface), Egress: d.egress(port)}
}

// ingress reads policing in kbit/s and kbit; without a burst OVS takes 8000 kbit.
func ingress(r vswitch.ObservedRow) vswitch.Rate {
	rate, err := strconv.ParseUint(r.Settings["ingress_policing_rate"], 10, 64)
	if err != nil || rate == 0 || rate > maxKbits {
		return vswitch.Rate{}
	}
	burst, err := strconv.ParseUint(orText(r.Settings["ingress_policing_burst"], "8000"), 10, 64)
	if err != nil || burst == 0 || burst*125 > maxBurstBytes {
		return vswitch.Rate{}
	}
	return usual(vswitch.Rate{BitsPerSecond: rate * 1000, BurstBytes: burst * 125}, func(r vswitch.Rate) string {
		s := vswitch.Settings{}
		vswitch.RateLimit{Ingress: r}.IngressSettings(s)
		return s["ingress_policing_burst"]
	})
}

// egress reads an egress-policer QoS row: bytes per second and bytes.
func (d *describer) egress(port vswitch.ObservedRow) vswitch.Rate {
	rows := d.below(port.ID, vswitch.QoSTable)
	if len(rows) != 1 || rows[0].Settings["type"] != "egress-policer" {
		return vswitch.Rate{}
	}
	cir, err1 := strconv.ParseUint(rows[0].Settings["other_config:cir"], 10, 64)
	cbs, err2 := strconv.ParseUint(rows[0].Settings["other_config:cbs"], 10, 64)
	if err1 != nil || err2 != nil || cir < 125 || cir > maxKbits*125 || cbs == 0 || cbs > maxBurstBytes {
		return vswitch.Rate{}
	}
	return usual(vswitch.Rate{BitsPerSecond: cir * 8, BurstBytes: cbs}, func(r vswitch.Rate) string {
		row, _ := vswitch.RateLimit{Egress: r}.EgressQoS(port.Name)
		return row.Settings["other_config:cbs"]
	})
}

// usual leaves the burst out of a rate where it is written the same without.
func usual(r vswitch.Rate, written func(vswitch.Rate) string) vswitch.Rate {
	if short := (vswitch.Rate{BitsPerSecond: r.BitsPerSecond}); written(short) == written(r) {
		return short
	}
	return r
}
