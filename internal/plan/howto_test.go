package plan_test

import (
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestHowToProfiles plans the two hosts of docs/how-to-network.md: each becomes one
// end of a tunnel between two different addresses of one network.
func TestHowToProfiles(t *testing.T) {
	page, err := os.ReadFile("../../docs/how-to-network.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var nets []netip.Prefix
	for i, part := range strings.Split(string(page), "```yaml\n") {
		if i == 0 {
			continue
		}
		text, _, _ := strings.Cut(part, "```")
		p, err := configs.Parse([]byte(text), configs.Options{File: "host.yaml"})
		if err != nil {
			t.Fatal(err)
		}
		made := plan.Make(plan.Input{Profile: p, Topology: hosttest.Topology(t, "vm2"), Observed: vswitch.Observed{OVSVersion: "3.1.0"}})
		for _, f := range made.Findings {
			if f.Severity == finding.Error {
				t.Errorf("%s: %s: %s", p.Name, f.Path, f.What)
			}
		}
		var tunnel string
		for _, row := range made.Desired.Rows {
			if row.Settings["type"] == "geneve" {
				tunnel = row.Settings["options:local_ip"]
			}
		}
		net := p.Bridges[0].Addresses[0]
		if tunnel != net.Addr().String() {
			t.Errorf("%s: the tunnel ends at %q, the bridge has %v", p.Name, tunnel, net)
		}
		names, nets = append(names, p.Name), append(nets, net)
	}
	if len(nets) != 2 || names[0] == names[1] || nets[0].Addr() == nets[1].Addr() || nets[0].Masked() != nets[1].Masked() {
		t.Errorf("hosts %v with %v are no pair", names, nets)
	}
}
