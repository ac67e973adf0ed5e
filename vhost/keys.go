package vhost

import "github.com/sluice-nfv/sluice/internal/ovs/vswitch"

const (
	keyIOMMU    = "other_config:vhost-iommu-support"
	keyPostcopy = "other_config:vhost-postcopy-support"
	keyPath     = "options:vhost-server-path"
	keyRetries  = "options:tx-retries-max"
	keyMAC      = "external_ids:attached-mac"
)

// Keys returns the settings that only this package writes. What ports of every
// kind have (type, mtu_request, VLAN, policing) stands in dpdk.Keys.
func Keys() []vswitch.Key {
	return []vswitch.Key{
		{Table: vswitch.OpenvSwitch, Name: keyIOMMU, Class: vswitch.RestartNeeded, Kind: vswitch.Boolean, Default: "false"},
		{Table: vswitch.OpenvSwitch, Name: keyPostcopy, Class: vswitch.RestartNeeded, Kind: vswitch.Boolean, Default: "false"},
		// Read once, when the port is made (lib/netdev-dpdk.c,
		// netdev_dpdk_vhost_client_set_config): the port must be made anew.
		{Table: vswitch.IfaceTable, Name: keyPath, Class: vswitch.PortRestart},
		{Table: vswitch.IfaceTable, Name: keyRetries, Class: vswitch.Live, Kind: vswitch.Number, Default: "8"},
		// vswitchd does not look at external_ids of interfaces.
		{Table: vswitch.IfaceTable, Name: vswitch.IfaceID, Class: vswitch.Live},
		{Table: vswitch.IfaceTable, Name: keyMAC, Class: vswitch.Live, Kind: vswitch.AnyCase},
	}
}
