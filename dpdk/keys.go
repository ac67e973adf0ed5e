package dpdk

import "github.com/sluice-nfv/sluice/internal/ovs/vswitch"

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
	var keys []vswitch.Key
	add := func(t vswitch.Table, c vswitch.Class, names ...string) {
		for _, name := range names {
			keys = append(keys, vswitch.Key{Table: t, Name: name, Class: c})
		}
	}
	keys = append(keys,
		// lib/dpdk.c, dpdk_init: evaluated until it has been seen true once.
		vswitch.Key{Table: vswitch.OpenvSwitch, Name: keyInit, Class: vswitch.RestartNeeded, OneWay: true},
		vswitch.Key{Table: vswitch.OpenvSwitch, Name: keyTSO, Class: vswitch.RestartNeeded, OneWay: true},
		vswitch.Key{Table: vswitch.OpenvSwitch, Name: keyProbe, Class: vswitch.RestartNeeded, Since: "4.0"})
	add(vswitch.OpenvSwitch, vswitch.RestartNeeded, keySocketMem, keySocketLimit, keyLCores, keyExtra, keyPerPort)
	add(vswitch.OpenvSwitch, vswitch.Live, keyPerf)

	add(vswitch.BridgeTable, vswitch.PortRestart, "datapath_type") // the bridge is made anew
	add(vswitch.BridgeTable, vswitch.Live, "fail_mode", "other_config:hwaddr")

	add(vswitch.PortTable, vswitch.Live, "vlan_mode", "tag", "trunks", "other_config:lacp-time")
	add(vswitch.PortTable, vswitch.PortRestart, "bond_mode", "lacp") // members are out until LACP agrees again

	// vswitchd matches interfaces by name and type: another type is another port.
	add(vswitch.IfaceTable, vswitch.PortRestart, "type", "mtu_request",
		"options:dpdk-devargs", "options:n_rxq", "options:n_rxq_desc", "options:n_txq_desc",
		"options:dpdk-lsc-interrupt", "options:rx-flow-ctrl", "options:tx-flow-ctrl", "options:flow-ctrl-autoneg")
	add(vswitch.IfaceTable, vswitch.Live, "ingress_policing_rate", "ingress_policing_burst")

	add(vswitch.QoSTable, vswitch.Live, "type", "other_config:cir", "other_config:cbs")
	return keys
}
