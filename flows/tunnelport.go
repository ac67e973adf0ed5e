package flows

import (
	"strconv"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// TunnelName is the port by which the integration bridge reaches all other hosts:
// which of them is said by the flow.
const TunnelName = "sluice-geneve"

// geneveUDP is the port of RFC 8926, OVS's default.
const geneveUDP = 6081

// TunnelPort plans the integration bridge's way to other hosts.
func TunnelPort(o logical.Overlay) []vswitch.Row {
	port := vswitch.ID{Table: vswitch.PortTable, Name: TunnelName}
	s := vswitch.Settings{
		"type": "geneve", "options:remote_ip": "flow", "options:key": "flow",
		// Peers accept only what comes from the address they know.
		"options:local_ip": o.Address.String(),
	}
	if o.UDPPort != geneveUDP {
		s["options:dst_port"] = strconv.Itoa(int(o.UDPPort))
	}
	if o.Csum {
		s["options:csum"] = "true"
	}
	return []vswitch.Row{
		{ID: port, Parent: vswitch.ID{Table: vswitch.BridgeTable, Name: o.Integration}, Settings: vswitch.Settings{}},
		{ID: vswitch.ID{Table: vswitch.IfaceTable, Name: TunnelName}, Parent: port, Settings: s},
	}
}

// Keys returns every setting that only this package may write. OVS takes a change of
// a tunnel's options while packets flow (lib/netdev-vport.c, set_tunnel_config).
func Keys() []vswitch.Key {
	const t = vswitch.IfaceTable
	return []vswitch.Key{
		{Table: t, Name: "options:remote_ip", Class: vswitch.Live},
		{Table: t, Name: "options:local_ip", Class: vswitch.Live},
		{Table: t, Name: "options:key", Class: vswitch.Live},
		{Table: t, Name: "options:dst_port", Class: vswitch.Live, Kind: vswitch.Number, Default: strconv.Itoa(geneveUDP)},
		{Table: t, Name: "options:csum", Class: vswitch.Live, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: "options:peer", Class: vswitch.Live},
		{Table: t, Name: "bfd:enable", Class: vswitch.Live, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: "bfd:min_rx", Class: vswitch.Live, Kind: vswitch.Number, Default: "1000"},
		{Table: t, Name: "bfd:min_tx", Class: vswitch.Live, Kind: vswitch.Number, Default: "100"},
		{Table: t, Name: "bfd:mult", Class: vswitch.Live, Kind: vswitch.Number, Default: "3"},
	}
}
