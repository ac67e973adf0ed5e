package vswitch

import (
	"slices"
	"strconv"
	"strings"
)

// VLANMode is a port's way with 802.1Q tags: Port.vlan_mode of vswitch.xml.
type VLANMode string

// The VLAN modes. VLANNone is the empty string's meaning too: OVS's own default,
// a trunk of all VLANs.
const (
	VLANNone           VLANMode = "none"
	VLANAccess         VLANMode = "access"
	VLANTrunk          VLANMode = "trunk"
	VLANNativeTagged   VLANMode = "native-tagged"
	VLANNativeUntagged VLANMode = "native-untagged"
)

// VLAN is a port's VLAN configuration.
type VLAN struct {
	Mode   VLANMode
	Tag    int   // 0..4094; meaning depends on Mode
	Trunks []int // 0..4095; empty = all
}

// Settings adds the Port columns of the VLAN to s.
func (v VLAN) Settings(s Settings) {
	if v.Mode == "" || v.Mode == VLANNone {
		return
	}
	s["vlan_mode"] = string(v.Mode)
	if v.Mode != VLANTrunk {
		s["tag"] = strconv.Itoa(v.Tag)
	}
	if len(v.Trunks) > 0 {
		s["trunks"] = JoinInts(v.Trunks)
	}
}

// JoinInts writes a set of integers as a setting's text.
func JoinInts(ns []int) string {
	sorted := slices.Sorted(slices.Values(ns))
	texts := make([]string, 0, len(sorted))
	for _, n := range slices.Compact(sorted) {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, ",")
}

// Rate is a limit in bits per second of IP packets (the Ethernet header is not
// counted), as OVS's userspace policers count. Zero means no limit.
type Rate struct {
	BitsPerSecond uint64
	BurstBytes    uint64 // 0 = 10 ms of the rate, at least 64 kB
}

// RateLimit holds the limits of one port; directions as OVS sees them: ingress
// is what the port receives (sent by the guest), egress what is sent out of it.
type RateLimit struct {
	Ingress, Egress Rate
}

func (r Rate) burst() uint64 {
	if r.BurstBytes > 0 {
		return r.BurstBytes
	}
	return max(r.BitsPerSecond/8/100, 64_000)
}

// IngressSettings adds the Interface columns of ingress policing: kbit/s and
// kbit (vswitch.xml, ingress_policing_rate; lib/netdev-dpdk.c reads them as
// multiples of 1000 bits).
func (l RateLimit) IngressSettings(s Settings) {
	if l.Ingress.BitsPerSecond == 0 {
		return
	}
	s["ingress_policing_rate"] = strconv.FormatUint((l.Ingress.BitsPerSecond+999)/1000, 10)
	s["ingress_policing_burst"] = strconv.FormatUint((l.Ingress.burst()*8+999)/1000, 10)
}

// EgressQoS returns the QoS row of egress policing for a port, or false. cir is
// bytes per second of IP packets, cbs bytes (vswitch.xml, egress-policer).
func (l RateLimit) EgressQoS(port string) (Row, bool) {
	if l.Egress.BitsPerSecond == 0 {
		return Row{}, false
	}
	return Row{
		ID:     ID{QoSTable, port},
		Parent: ID{PortTable, port},
		Settings: Settings{
			"type":             "egress-policer",
			"other_config:cir": strconv.FormatUint((l.Egress.BitsPerSecond+7)/8, 10),
			"other_config:cbs": strconv.FormatUint(l.Egress.burst(), 10),
		},
	}, true
}
