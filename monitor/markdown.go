package monitor

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

//go:generate go test -run TestPage -update .

const pageHead = `# Metrics

<!-- Written by "go generate ./monitor" from the table in package monitor. -->

What ` + "`sluiced`" + ` shows at ` + "`/metrics`" + `. Beside these the registry holds the usual metrics of a Go program
(` + "`go_*`, `process_*`, `promhttp_*`" + `).

- What is not known is absent, never 0. A collector that could not read says so in ` + "`sluice_collector_success`" + `;
  its metrics are then absent, or as old as ` + "`sluice_collector_age_seconds`" + ` says.
- Counters start again at 0 when what they count does: ` + "`rate()` and `increase()`" + ` live with that. OVS's threads start
  again with ovs-vswitchd, when PMDs are re-created and on ` + "`pmd-stats-clear`" + `; vhost ports, from OVS 3.1 on, whenever the guest connects, and in all releases
  when one that has a guest is set up.
- ` + "`Interface.statistics`" + ` is as fresh as OVS writes it: every 5 s, or ` + "`other_config:stats-update-interval`" + `.
- Names are labels as the database has them. Bytes that are no UTF-8 become U+FFFD.
- One scrape takes one snapshot of the switch; scrapes within the same second share it. What a scrape asks, and how often, is in
  [operation](operation.md#metrics-listener).
- The set ` + "`queues`" + ` can be left out (` + "`metrics.detail: ports`" + `).
- Whose an interface is stands in one metric, to join with:
  ` + "`rate(ovs_interface_rx_packets_total[1m]) * on (job, instance, bridge, interface) group_left (vm, pod, namespace) ovs_interface_identity_info`" + `.
- Hit rates come of differences: ` + "`sum by (tier) (rate(ovs_pmd_lookups_total[1m])) / ignoring (tier) group_left sum(rate(ovs_pmd_datapath_passes_total[1m]))`" + `;
  passes for each packet, above 1 where packets are recirculated:
  ` + "`rate(ovs_pmd_datapath_passes_total[1m]) / rate(ovs_pmd_rx_packets_total[1m])`" + `.

"Since" is the first OVS release that tells the number; empty means all that Sluice supports, 2.17 and later.
`

// WriteMarkdown writes the documented page of the metrics.
func WriteMarkdown(w io.Writer, metrics []Metric) error {
	var b bytes.Buffer
	b.WriteString(pageHead)
	for _, section := range []struct {
		title  string
		prefix []string
	}{
		{"Switch", []string{"ovs_build_info", "ovs_dpdk_initialized"}},
		{"Bridges and meters", []string{"ovs_bridge_", "ovs_meter_"}},
		{"PMD threads", []string{"ovs_pmd_"}},
		{"Interfaces", []string{"ovs_interface_"}},
		{"Guests", []string{"ovs_vhost_"}},
		{"Bonds and LACP", []string{"ovs_bond_", "ovs_lacp_"}},
		{"Tunnels and BFD", []string{"ovs_tunnel_", "ovs_bfd_"}},
		{"Memory and connections", []string{"ovs_mempool_", "ovs_dpdk_heap_", "sluice_hugepages_", "ovs_conntrack_"}},
		{"Sluice", []string{"sluice_build_", "sluice_reconcile_", "sluice_pending_", "sluice_profile_", "sluice_network_", "sluice_collector_", "sluice_identities_", "sluice_ipfix_"}},
		{"Drops", []string{"ovs_drops_"}},
		{"Inside ovs-vswitchd", []string{"ovs_coverage_", "ovs_datapath_", "ovs_memory_", "ovs_upcall_"}},
		{"Exporters of flow records", []string{"ovs_ipfix_"}},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| Name | Type | Unit | Labels | Set | Meaning | Source | Since |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n", section.title)
		for _, m := range metrics {
			if hasPrefix(m.Name, section.prefix) {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n",
					m.Name, m.Type, m.Unit, strings.Join(m.Labels, ", "), m.Set, cell(m.Help), cell(m.Source), m.Since)
			}
		}
	}
	_, err := b.WriteTo(w)
	return err
}

func hasPrefix(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// cell keeps a text within its cell.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "_", `\_`, "*", `\*`, "<", "&lt;").Replace(s)
}
