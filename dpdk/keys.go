package dpdk

import (
	"slices"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// The settings of the Open_vSwitch row that this package writes.
const (
	keyInit        = "other_config:dpdk-init"
	keySocketMem   = "other_config:dpdk-socket-mem"
	keySocketLimit = "other_config:dpdk-socket-limit"
	keyLCores      = "other_config:dpdk-lcore-mask"
	keyExtra       = "other_config:dpdk-extra"
	keyProbe       = "other_config:dpdk-probe-at-init"
	keyPerPort     = "other_config:per-port-memory"
	keyTSO         = "other_config:userspace-tso-enable"
	keyPerf        = "other_config:pmd-perf-metrics"
)

// Keys returns every setting this package may write, those included that
// Bridge, Port and Interface rows of any port have: vhost ports use them too.
func Keys() []vswitch.Key {
	return slices.Concat(switchKeys(), bridgeKeys(), ifaceKeys())
}

func switchKeys() []vswitch.Key {
	const t, start = vswitch.OpenvSwitch, vswitch.RestartNeeded
	return []vswitch.Key{
		// lib/dpdk.c, dpdk_init: evaluated until it has been seen true once.
		{Table: t, Name: keyInit, Class: start, OneWay: true, Kind: vswitch.AnyCase, Choices: "true try false", Default: "false"},
		{Table: t, Name: keyTSO, Class: start, OneWay: true, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: keyProbe, Class: start, Since: "4.0", Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: keySocketMem, Class: start, Kind: vswitch.Amounts},
		{Table: t, Name: keySocketLimit, Class: start, Kind: vswitch.Amounts},
		{Table: t, Name: keyLCores, Class: start, Kind: vswitch.Mask},
		{Table: t, Name: keyExtra, Class: start, Kind: vswitch.Words},
		{Table: t, Name: keyPerPort, Class: start, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: keyPerf, Class: vswitch.Live, Kind: vswitch.Boolean, Default: "false"},
	}
}

func bridgeKeys() []vswitch.Key {
	const b, p, q = vswitch.BridgeTable, vswitch.PortTable, vswitch.QoSTable
	return []vswitch.Key{
		{Table: b, Name: "datapath_type", Class: vswitch.PortRestart}, // the bridge is made anew
		{Table: b, Name: "fail_mode", Class: vswitch.Live, Default: string(Standalone)},
		{Table: b, Name: "other_config:hwaddr", Class: vswitch.Live, Kind: vswitch.AnyCase},

		{Table: p, Name: "vlan_mode", Class: vswitch.Live},
		{Table: p, Name: "tag", Class: vswitch.Live},
		{Table: p, Name: "trunks", Class: vswitch.Live},
		{Table: p, Name: "other_config:lacp-time", Class: vswitch.Live, Kind: vswitch.AnyCase, Choices: "slow fast", Default: "slow"},
		// Members are out until LACP agrees again.
		{Table: p, Name: "bond_mode", Class: vswitch.PortRestart, Default: string(ActiveBackup)},
		{Table: p, Name: "lacp", Class: vswitch.PortRestart, Default: "off"},

		{Table: q, Name: "type", Class: vswitch.Live},
		{Table: q, Name: "other_config:cir", Class: vswitch.Live, Kind: vswitch.Number},
		{Table: q, Name: "other_config:cbs", Class: vswitch.Live, Kind: vswitch.Number},
	}
}

func ifaceKeys() []vswitch.Key {
	const t = vswitch.IfaceTable
	return []vswitch.Key{
		// vswitchd matches interfaces by name and type: another type is another port.
		{Table: t, Name: "type", Class: vswitch.PortRestart},
		// Of DPDK's ports; an internal one follows the smallest port of its bridge.
		{Table: t, Name: "mtu_request", Class: vswitch.PortRestart, Kind: vswitch.Number, Default: "1500"},
		{Table: t, Name: "options:dpdk-devargs", Class: vswitch.PortRestart, Kind: vswitch.AnyCase},
		{Table: t, Name: "options:n_rxq", Class: vswitch.PortRestart, Kind: vswitch.Number, Default: "1"},
		{Table: t, Name: "options:n_rxq_desc", Class: vswitch.PortRestart, Kind: vswitch.Number, Default: "2048"},
		{Table: t, Name: "options:n_txq_desc", Class: vswitch.PortRestart, Kind: vswitch.Number, Default: "2048"},
		{
			Table: t, Name: "options:dpdk-lsc-interrupt", Class: vswitch.PortRestart, Kind: vswitch.Boolean,
			Default: "true", OldDefault: "false", DefaultSince: "3.4",
		},
		{Table: t, Name: "options:rx-flow-ctrl", Class: vswitch.PortRestart, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: "options:tx-flow-ctrl", Class: vswitch.PortRestart, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: "options:flow-ctrl-autoneg", Class: vswitch.PortRestart, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: "ingress_policing_rate", Class: vswitch.Live, Kind: vswitch.Number},
		// lib/netdev-dpdk.c, netdev_dpdk_set_policing, where there is a rate.
		{Table: t, Name: "ingress_policing_burst", Class: vswitch.Live, Kind: vswitch.Number, Default: "8000"},
	}
}
