package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// question is one to try at Prometheus.
type question struct{ what, expr string }

// questions are what an operator asks first. Each has an answer on the
// demonstration's host.
func questions() []question {
	return []question{
		{"EMC hit rate of each PMD", `rate(ovs_pmd_lookups_total{tier="emc"}[30s]) / on (core) group_left () rate(ovs_pmd_datapath_passes_total{core!="main"}[30s])`},
		{"cycles a packet costs", `sum by (core) (rate(ovs_pmd_cycles_total{state="busy"}[30s])) / sum by (core) (rate(ovs_pmd_rx_packets_total[30s]))`},
		{"load of each queue", `ovs_pmd_rxq_usage_ratio`},
		{"packets a second to each port", `rate(ovs_interface_tx_packets_total[30s])`},
		{"ports whose guest is connected", `ovs_vhost_connected == 1`},
		{"alerts of the shipped rules", `ALERTS or on () vector(0)`},
	}
}

// prometheusUsual is where Prometheus listens by default.
const prometheusUsual = "127.0.0.1:9090"

// startPrometheus has a Prometheus with the shipped rules scrape the daemon. The
// demonstration does without where there is none.
func (d *demo) startPrometheus(ctx context.Context) (err error) {
	if len(lab.MissingPrometheus()) > 0 {
		return nil
	}
	d.prometheus, err = d.host.StartPrometheus(ctx, lab.PrometheusOptions{
		Target: d.metrics, Listen: prometheusUsual, Rules: configs.PrometheusRules(),
	})
	return err
}

// commands are what to try in another shell of this machine, once it has the
// variables of exports.
func commands() []string {
	return []string{
		"sluicectl port explain vm1",
		"sluicectl talkers --limit 5",
		"sluicectl metrics list",
		"ovs-vsctl show",
		"ovs-appctl dpif-netdev/pmd-rxq-show",
	}
}

// exports are the variables by which sluicectl and the tools of Open vSwitch
// find the demonstration, not the machine's own.
func (d *demo) exports() []string {
	return []string{
		"PATH=" + d.Bin + ":$PATH",
		"SLUICE_API_SOCKET=" + d.Socket(),
		"OVS_RUNDIR=" + d.host.RunDir(),
	}
}

// toTry tells how to ask the host and its Prometheus.
func (d *demo) toTry() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Ask it from another shell, as root:\n  export %s", strings.Join(d.exports(), " "))
	for _, c := range commands() {
		fmt.Fprintf(&b, "\n  %s", c)
	}
	return b.String() + "\n" + d.toAsk()
}

// tried runs what is to be tried, as it is printed, until each succeeds: flow
// records are exported when they are a few seconds old.
func (d *demo) tried(ctx context.Context) error {
	export := "export " + strings.Join(d.exports(), " ") + "\n"
	for _, c := range commands() {
		err := lab.Until(ctx, c+" answers", func(ctx context.Context) error {
			out, err := d.host.Outside(ctx, "sh", "-ec", export+c).CombinedOutput()
			if err == nil && strings.Contains(c, "talkers") && !strings.Contains(string(out), "vm1") {
				err = errors.New("it knows no flow of vm1")
			}
			if err != nil {
				return fmt.Errorf("%w\n%s", err, out)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// toAsk tells where Prometheus is and what to ask it.
func (d *demo) toAsk() string {
	if d.prometheus == nil {
		return "Prometheus is not installed: with the Debian package prometheus it would run here, too."
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Prometheus: %s; ask it for", d.prometheus.URL)
	for _, q := range questions() {
		fmt.Fprintf(&b, "\n  %s:\n    %s", q.what, q.expr)
	}
	return b.String()
}

// asked waits until each question has an answer.
func (d *demo) asked(ctx context.Context) error {
	if d.prometheus == nil {
		return nil
	}
	for _, q := range questions() {
		err := lab.Until(ctx, "Prometheus tells "+q.what, func(ctx context.Context) error {
			samples, err := d.prometheus.Query(ctx, q.expr)
			if err == nil && len(samples) == 0 {
				err = errors.New("no data")
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
