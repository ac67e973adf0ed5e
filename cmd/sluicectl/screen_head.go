package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
)

// head is what stands above the tables: the switch, the profile, the newest pass.
func (s screen) head(b *strings.Builder) {
	o := s.now.OVS
	fmt.Fprintf(b, "Host %s   Open vSwitch %s   %s   sluiced %s\n", s.now.Host, orDash(o.Version), dpdkWords(o), s.now.Version)
	if o.Error != "" {
		fmt.Fprintf(b, "Switch:  %s\n", o.Error)
	}
	p := s.now.Profile
	switch {
	case p.Error != "" && p.Loaded.IsZero():
		fmt.Fprintf(b, "Profile: NONE in force: %s\n", p.Error)
	case p.Error != "":
		fmt.Fprintf(b, "Profile: the file is NOT in force, the one of %s is: %s\n", p.Loaded.Format(time.TimeOnly), p.Error)
	default:
		fmt.Fprintf(b, "Profile: %s, read %s\n", p.Path, p.Loaded.Format("2006-01-02 15:04:05"))
	}
	s.state(b)
	if work := s.now.Work; work != nil {
		fmt.Fprintf(b, "         since %s, at work: %s", work.Since.Format(time.TimeOnly), work.What)
		if work.Step != "" {
			fmt.Fprintf(b, ", %s", work.Step)
		}
		b.WriteByte('\n')
	}
	for _, r := range s.now.Pass.Refused {
		fmt.Fprintf(b, "REFUSED: %s\n", r)
	}
	s.findings(b)
	s.network(b)
}

// state says how the newest pass ended. Nothing is in force in a switch that does
// not answer, so what was reached before it ended is no state of the host.
func (s screen) state(b *strings.Builder) {
	pass := s.now.Pass
	done := pass.Result == api.PassConverged || pass.Result == api.PassChanged
	switch {
	case done && s.dead():
		fmt.Fprint(b, "State:   NOT in force, the switch does not answer; the pass before was ")
	case done && s.now.Network != nil && s.now.Network.Bare != "":
		fmt.Fprint(b, "State:   NO GUEST passes packets, the logical network is not laid; the host by itself is ")
	default:
		fmt.Fprint(b, "State:   ")
	}
	fmt.Fprint(b, pass.Result)
	if !pass.Time.IsZero() {
		fmt.Fprintf(b, " at %s (%s, %s)", pass.Time.Format(time.TimeOnly), pass.Reason, pass.Duration.Round(100*time.Microsecond))
	}
	if pass.Error != "" {
		fmt.Fprintf(b, ": %s", pass.Error)
	}
	b.WriteByte('\n')
}

// dead says whether the database is there and ovs-vswitchd is not.
func (s screen) dead() bool { return s.now.OVS.Connected && !s.now.OVS.Running }

// findings tells how many things the newest pass found, and the gravest of them.
// Information alone is left to `host check`.
func (s screen) findings(b *strings.Builder) {
	var worst api.Finding
	count := map[api.Severity]int{}
	for _, f := range s.now.Pass.Findings {
		if count[f.Severity]++; graver(f.Severity, worst.Severity) {
			worst = f
		}
	}
	var counts []string
	for _, severity := range []api.Severity{api.SeverityError, api.SeverityWarning} {
		if n := count[severity]; n > 0 {
			counts = append(counts, several(n, string(severity)))
		}
	}
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(b, "Found:   %s: %s [%s]\n", strings.Join(counts, ", "), api.Printable(worst.What), worst.Code)
	if worst.Fix != "" {
		fmt.Fprintf(b, "         fix  %s\n", api.Printable(worst.Fix))
	}
	if len(s.now.Pass.Findings) > 1 {
		fmt.Fprint(b, "         all  sluicectl host plan\n")
	}
}

func several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// graver orders severities; an unknown one is the least.
func graver(a, b api.Severity) bool {
	order := []api.Severity{api.SeverityInfo, api.SeverityWarning, api.SeverityError}
	return slices.Index(order, a) > slices.Index(order, b)
}

// network says how the logical network stands on this host. A switch that does not
// answer was named above; why its bridge is not reached then says nothing more.
func (s screen) network(b *strings.Builder) {
	n := s.now.Network
	if n == nil {
		return
	}
	fmt.Fprintf(b, "Network: %d flows", n.Flows)
	why := n.Switch
	if s.dead() {
		fmt.Fprint(b, " before the switch ceased to answer")
		why = ""
	}
	b.WriteByte('\n')
	if n.Unusable > 0 {
		fmt.Fprintf(b, "         rows of the store that make no sense and are left out: %d (the daemon's log names them)\n", n.Unusable)
	}
	for _, text := range append([]string{n.Bare, n.Store, why, n.Underlay}, n.Problems...) {
		if text != "" {
			fmt.Fprintf(b, "         %s\n", api.Printable(text))
		}
	}
}

// dpdkWords are of the DPDK that runs. A switch built without it writes "none" as
// its version (lib/dpdk-stub.c).
func dpdkWords(o api.OVSStatus) string {
	switch {
	case o.DPDKInitialized:
		return o.DPDKVersion
	case o.DPDKVersion != "" && o.DPDKVersion != "none":
		return o.DPDKVersion + " NOT initialized"
	default:
		return "no DPDK"
	}
}
