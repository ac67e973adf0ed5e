package bench

import (
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// The invocation that Sluice is compared with, word for word.
func TestVSCtlArgs(t *testing.T) {
	small := hostProfile{cpu: `{pmd: "2", reserved: "0"}`, sockets: 8192, socketDir: "/var/lib/vhost_sockets", nics: numbered("null", 1), guests: numbered("vm", 2)}
	profile, err := small.parse()
	if err != nil {
		t.Fatal(err)
	}
	p := plan.Make(plan.Input{Profile: profile, Topology: twoSockets(), OVSVersion: "3.1.0", Satisfied: func(host.Action) bool { return true }})
	if p.Refused() {
		t.Fatal(p.Findings)
	}
	var b strings.Builder
	for _, word := range vsctlArgs(p.Desired.Rows[1:]) {
		if word == "--" {
			b.WriteString("\n")
			continue
		}
		b.WriteString(word + " ")
	}
	golden.Check(t, "testdata/vsctl.txt", strings.ReplaceAll(b.String(), " \n", "\n")+"\n")
}

func TestVSCtlValue(t *testing.T) {
	for _, tt := range [][3]string{
		{"fail_mode", "secure", "secure"},
		{"trunks", "1,2", "1,2"},
		{"options:n_rxq", "2", "2"},
		{"options:dpdk-devargs", "net_null0,no-rx=1", `"net_null0,no-rx=1"`},
		{"other_config:pmd-rxq-affinity", "0:1", `"0:1"`},
		{"external_ids:x", `a"b`, `"a\"b"`},
	} {
		if got := vsctlValue(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%s=%s: %s, want %s", tt[0], tt[1], got, tt[2])
		}
	}
}
