package plan_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// script is a file of testdata: a head, and parts divided by lines of dashes.
// The head names the machine of internal/host/hosttest and the running OVS:
//
//	# A comment.
//	host vm2
//	ovs 3.1.0 dpdk
//	device br-phy 172.16.0.1/24
//
// "dpdk" says that DPDK is initialized; without an ovs line there is none. A
// device adds a netdev with its addresses to the machine.
type script struct {
	topo     host.Topology
	observed vswitch.Observed
	parts    []string
}

// scripts runs f on every file below testdata and compares what it returns with
// the file's last part.
func scripts(t *testing.T, dir string, parts int, f func(t *testing.T, s script) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Split("\n"+string(text), "\n---\n")
			if len(all) == parts+1 && golden.Update() {
				all = append(all, "")
			}
			if len(all) != parts+2 {
				t.Fatalf("%s has %d parts, want %d", file, len(all), parts+2)
			}
			s := readHead(t, strings.TrimPrefix(all[0], "\n"))
			s.parts = all[1 : parts+1]
			all[0], all[parts+1] = strings.TrimPrefix(all[0], "\n"), f(t, s)
			golden.Check(t, file, strings.Join(all, "\n---\n"))
		})
	}
}

func readHead(t *testing.T, text string) script {
	t.Helper()
	s := script{}
	for line := range strings.Lines(text) {
		ws := strings.Fields(line)
		switch {
		case len(ws) == 0 || ws[0] == "#":
		case ws[0] == "host" && len(ws) == 2:
			s.topo = hosttest.Topology(t, ws[1])
		case ws[0] == "device":
			s.topo.NICs = append(s.topo.NICs, device(t, ws[1:]))
		case ws[0] == "ovs" && len(ws) > 1:
			s.observed.OVSVersion = ws[1]
			s.observed.DPDKInitialized = len(ws) > 2 && ws[2] == "dpdk"
		default:
			t.Fatalf("head: %q", line)
		}
	}
	return s
}

func device(t testing.TB, ws []string) host.NIC {
	t.Helper()
	n := host.NIC{Name: ws[0], Node: -1}
	for _, w := range ws[1:] {
		a, err := netip.ParsePrefix(w)
		if err != nil {
			t.Fatal(err)
		}
		n.Addresses = append(n.Addresses, a)
	}
	return n
}

func profile(t testing.TB, text string) *configs.Profile {
	t.Helper()
	p, err := configs.Parse([]byte("apiVersion: sluice/v1\nkind: HostProfile\nname: nfv-01\n"+text), configs.Options{File: "host.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPlan reads scripts of a profile and of the database's rows, and shows the
// plan as `host plan` does.
func TestPlan(t *testing.T) {
	scripts(t, "plan", 2, func(t *testing.T, s script) string {
		s.observed.Rows = vswitchtest.Rows(t, s.parts[1])
		p := plan.Make(plan.Input{
			Profile: profile(t, s.parts[0]), Topology: s.topo, Observed: s.observed, OVSVersion: "3.6.3",
		})
		return printed(p.Wire("nfv-01", s.observed.OVSVersion, plan.Scope{}))
	})
}

// printed writes a plan: findings, host actions and steps; "~" marks what waits
// for `host apply`.
func printed(p api.Plan) string {
	var b strings.Builder
	if p.Refused {
		b.WriteString("REFUSED\n")
	}
	if p.Converged {
		b.WriteString("CONVERGED\n")
	}
	for _, f := range p.Findings {
		if f.Code == "pmd-not-isolated" || f.Code == "no-iommu" {
			continue // of every small machine
		}
		fmt.Fprintf(&b, "%s %s", f.Severity, f.Code)
		if f.Path != "" {
			fmt.Fprintf(&b, " at %s", f.Path)
		}
		fmt.Fprintf(&b, ": %s\n", f.What)
	}
	for _, a := range p.Before {
		fmt.Fprintf(&b, "before: %s\n", a)
	}
	for _, step := range p.Steps {
		fmt.Fprintf(&b, "step %d\n", step.Number)
		for _, c := range step.Changes {
			b.WriteString(change(c))
		}
	}
	for _, a := range p.After {
		fmt.Fprintf(&b, "after: %s\n", a)
	}
	return b.String()
}

func change(c api.Change) string {
	var b strings.Builder
	wait := " "
	if !c.Automatic {
		wait = "~"
	}
	fmt.Fprintf(&b, "%s %s [%s", wait, c.Text, c.Class)
	if c.OneWay {
		b.WriteString(", one-way")
	}
	b.WriteString("]")
	if c.Note != "" {
		fmt.Fprintf(&b, " %s", c.Note)
	}
	if c.Refused != "" {
		fmt.Fprintf(&b, " REFUSED: %s", c.Refused)
	}
	b.WriteByte('\n')
	return b.String()
}
