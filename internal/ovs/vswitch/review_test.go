package vswitch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

func TestReview(t *testing.T) {
	tests := []struct {
		release  string
		table    vswitch.Table
		settings string // "name=value", a line each
	}{
		{"3.1.0", vswitch.OpenvSwitch, "other_config:n-dpdk-rxqs=4\nother_config:pmd-maxsleep=100\nother_config:dpdk-init=true\nother_config:dpdk-lcore-mask=0x2"},
		{"3.2.0", vswitch.OpenvSwitch, "other_config:pmd-maxsleep=100"},
		{"2.17.12", vswitch.OpenvSwitch, "other_config:pmd-maxsleep=100\nother_config:pmd-sleep-max=100\nother_config:dpdk-probe-at-init=true"},
		{"3.6.3", vswitch.OpenvSwitch, `other_config:pmd-cpu-maks=0x6
other_config:pmd_cpu_mask=0x6
other_config:PMD-rxq-assign=group
other_config:dpdk-socketmem=1024
other_config:enable-dpdk=true
other_config:dpdk-alloc-mem=1024
other_config:smc-enable=yes
other_config:pmd-rxq-isolate=False
other_config:dpdk-init=1
other_config:flow-restore-wait=true
other_config:garp-max-timeout-sec=0
external_ids:pmd-cpu-maks=0x6`},
		{"3.6.3", vswitch.IfaceTable, `options:dq-zero-copy=true
options:n-rxq=4
other_config:n_rxq=4
options:mtu-request=9000
options:vhost-server-pth=/x
options:remote_ip=10.0.0.1
type=dpdkvhostuser
other_config:pmd-rxq-afinity=0:1
options:tos=inherit`},
		{"3.6.3", vswitch.IfaceTable, "type=stt"},
		{"3.5.0", vswitch.IfaceTable, "type=stt\noptions:use-need-wakeup=true"},
		{"", vswitch.IfaceTable, "options:use-need-wakeup=true"},
		{"3.1.0", vswitch.PortTable, "other_config:lacp_time=fast\nother_config:bond-rebalence-interval=0"},
		{"3.1.0", vswitch.BridgeTable, "other_config:hwadr=02:00:00:00:00:01\nother_config:ct-zone-7=x"},
	}
	var b strings.Builder
	for _, tt := range tests {
		s := vswitch.Settings{}
		fmt.Fprintf(&b, "%s in OVS %s\n", tt.table, tt.release)
		for line := range strings.SplitSeq(tt.settings, "\n") {
			name, value, _ := strings.Cut(line, "=")
			s[name] = value
		}
		for _, name := range s.Names() {
			fmt.Fprintf(&b, "  %s=%s\n", name, s[name])
		}
		for _, f := range vswitch.NewReviewer(tt.release).Review(s, tt.table) {
			fmt.Fprintf(&b, "%s %s\n  %s\n  cost: %s\n  fix:  %s\n", f.Severity, f.Code, f.What, f.Cost, f.Fix)
		}
		b.WriteString("\n")
	}
	golden.Check(t, "testdata/review.txt", b.String())
}
