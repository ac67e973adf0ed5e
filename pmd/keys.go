package pmd

import "github.com/sluice-nfv/sluice/internal/ovs/vswitch"

// The settings this package writes, by the names of the newest OVS.
const (
	keyMask     = "other_config:pmd-cpu-mask"
	keyAssign   = "other_config:pmd-rxq-assign"
	keyIsolate  = "other_config:pmd-rxq-isolate"
	keySleep    = "other_config:pmd-sleep-max"
	keyAutoLB   = "other_config:pmd-auto-lb"
	keyEMC      = "other_config:emc-insert-inv-prob"
	keySMC      = "other_config:smc-enable"
	keyTxFlush  = "other_config:tx-flush-interval"
	keyAffinity = "other_config:pmd-rxq-affinity"
)

// Keys returns every setting this package may write.
func Keys() []vswitch.Key {
	const t = vswitch.OpenvSwitch
	return []vswitch.Key{
		// Another number of PMDs means another n_txq on every physical port
		// (lib/netdev-dpdk.c, netdev_dpdk_reconfigure).
		{Table: t, Name: keyMask, Class: vswitch.PortRestart, Kind: vswitch.Mask},
		{Table: t, Name: keyAssign, Class: vswitch.PMDRecreation, Choices: "cycles group roundrobin", Default: string(Cycles)},
		{Table: t, Name: keyIsolate, Class: vswitch.PMDRecreation, Kind: vswitch.Boolean, Default: "true"},
		sleepKey(),
		{Table: t, Name: keyAutoLB, Class: vswitch.Live, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: keyEMC, Class: vswitch.Live, Kind: vswitch.Number, Default: "100"},
		{Table: t, Name: keySMC, Class: vswitch.Live, Kind: vswitch.Boolean, Default: "false"},
		{Table: t, Name: keyTxFlush, Class: vswitch.Live, Kind: vswitch.Number, Default: "0"},
		{Table: vswitch.IfaceTable, Name: keyAffinity, Class: vswitch.PMDRecreation, Kind: vswitch.Pins},
	}
}

// sleepKey is PMD load based sleeping: experimental in 3.1 under another name.
func sleepKey() vswitch.Key {
	return vswitch.Key{
		Table: vswitch.OpenvSwitch, Name: keySleep, Class: vswitch.Live,
		Since: "3.2", OldName: "other_config:pmd-maxsleep", OldSince: "3.1",
		Kind:    vswitch.Text, // 3.3 reads lists of cores too
		Default: "0",
	}
}
