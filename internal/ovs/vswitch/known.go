package vswitch

import "strings"

// knownKeys holds the keys of other_config and options that vswitch.xml of OVS
// 2.17 to 4.0 describes, and pmd-maxsleep and vhost-sock-dir, which only the
// code reads in some of them.
func knownKeys(t Table) []string {
	prefix, keys := "", ""
	switch t {
	case OpenvSwitch:
		prefix, keys = "other_config:", knownSwitchKeys
	case BridgeTable:
		prefix, keys = "other_config:", knownBridgeKeys
	case PortTable:
		prefix, keys = "other_config:", knownPortKeys
	case IfaceTable:
		return append(prefixed("options:", knownOptions), prefixed("other_config:", knownIfaceKeys)...)
	case QoSTable: // each type has keys of its own
	case CollectorSetTable:
	case IPFIXTable:
		prefix, keys = "other_config:", knownIPFIXKeys
	}
	return prefixed(prefix, keys)
}

func prefixed(prefix, keys string) []string {
	var names []string
	for _, key := range strings.Fields(keys) {
		names = append(names, prefix+key)
	}
	return names
}

const (
	knownSwitchKeys = `
bundle-idle-timeout ca_cert certificate dpdk-alloc-mem dpdk-extra dpdk-hugepage-dir dpdk-init dpdk-lcore-mask
dpdk-probe-at-init dpdk-socket-limit dpdk-socket-mem emc-insert-inv-prob enable-statistics
explicit-sampled-drops flow-limit flow-restore-wait hw-offload hw-offload-priority ipsec_skb_mark
max-idle max-revalidator min-revalidate-pps n-handler-threads n-offload-threads
n-revalidator-threads offload-rebalance offloaded-stats-delay per-port-memory pmd-auto-lb
pmd-auto-lb-improvement-threshold pmd-auto-lb-load-threshold pmd-auto-lb-rebal-interval pmd-cpu-mask
pmd-maxsleep pmd-perf-metrics pmd-rxq-assign pmd-rxq-isolate pmd-sleep-max private_key shared-mempool-config
smc-enable stats-update-interval tc-policy tx-flush-interval userspace-tso-enable
vhost-iommu-support vhost-postcopy-support vhost-sock-dir vlan-limit`
	knownBridgeKeys = `
controller-queue-size datapath-id disable-in-band dp-desc dp-sn forward-bpdu hwaddr in-band-queue
mac-aging-time mac-table-size mcast-snooping-aging-time mcast-snooping-disable-flood-unregistered
mcast-snooping-table-size rstp-address rstp-ageing-time rstp-force-protocol-version
rstp-forward-delay rstp-max-age rstp-priority rstp-transmit-hold-count stp-forward-delay
stp-hello-time stp-max-age stp-priority stp-system-id`
	knownIPFIXKeys = `
enable-input-sampling enable-output-sampling enable-tunnel-sampling virtual_obs_id`
	knownPortKeys = `
all-members-active bond-detect-mode bond-hash-basis bond-miimon-interval bond-primary
bond-rebalance-interval lacp-fallback-ab lacp-system-id lacp-system-priority lacp-time
lb-output-action mcast-snooping-flood mcast-snooping-flood-reports priority-tags qinq-ethtype
rstp-enable rstp-path-cost rstp-port-admin-edge rstp-port-auto-edge rstp-port-mcheck rstp-port-num
rstp-port-priority stp-enable stp-path-cost stp-port-num stp-port-priority transient`
	knownIfaceKeys = `
cfm_ccm_pcp cfm_ccm_vlan cfm_demand cfm_extended cfm_interval cfm_opstate emc-enable
hw-offload-priority lacp-aggregation-key lacp-port-id lacp-port-priority pmd-rxq-affinity
tx-steering`
	knownOptions = `
csum df_default dpdk-devargs dpdk-lsc-interrupt dpdk-vf-mac dst_port egress_pkt_mark erspan_dir
erspan_hwid erspan_idx erspan_ver exts flow-ctrl-autoneg in_key key local_ip n_rxq n_rxq_desc
n_txq_desc out_key packet_type payload_type peer psk remote_cert remote_ip remote_name rx-flow-ctrl
rx-steering seq srv6_flowlabel srv6_segs tos ttl tx-flow-ctrl tx-retries-max use-need-wakeup
vhost-max-queue-pairs vhost-server-path xdp-mode`
)
