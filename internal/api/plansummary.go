package api

import (
	"fmt"
	"strings"
)

// Summary is the plan in one line, its parts separated by "; ", without a line
// feed at its end.
func (p Plan) Summary() string {
	if p.Refused {
		return p.findingsSummary() + ": refused, nothing is changed"
	}
	if p.Converged && p.NotInForce {
		return "The database is as the profile says; what OVS does not make of it is among the findings"
	}
	if p.Converged {
		return "The host is as the profile says: nothing to do"
	}
	n := p.count()
	parts := []string{}
	if n.changes > 0 {
		s := fmt.Sprintf("%s in %s", counted(n.changes, "change"), counted(len(p.Steps), "step"))
		if costs := n.costs(); costs != "" {
			s += ": " + costs
		}
		parts = append(parts, s)
	}
	if actions := len(p.Before) + len(p.After); actions > 0 {
		parts = append(parts, counted(actions, "host action"))
	}
	for _, w := range Words() {
		if count := n.waits[w]; count > 0 {
			parts = append(parts, fmt.Sprintf("%s%s for %q", waits(count), w.How(), "sluicectl "+string(w)))
		}
	}
	if n.refused > 0 {
		parts = append(parts, fmt.Sprintf("%d not made", n.refused))
	}
	return strings.Join(parts, "; ")
}

// Disruptive returns the changes that an apply would make and that cost packets
// or take over what somebody else set, the latter only where takeOver asks for it.
func (p Plan) Disruptive(takeOver bool) []Change {
	var out []Change
	for _, s := range p.Steps {
		for _, c := range s.Changes {
			switch {
			case c.Refused != "", c.TakeOver && !takeOver:
			case c.TakeOver, c.Class != ClassLive, !c.Automatic:
				out = append(out, c)
			}
		}
	}
	return out
}

// planCount counts changes; those never made have no class here.
type planCount struct {
	changes, refused int
	waits            map[Word]int
	class            map[Class]int
}

func (p Plan) count() planCount {
	n := planCount{waits: map[Word]int{}, class: map[Class]int{}}
	for _, s := range p.Steps {
		for _, c := range s.Changes {
			n.changes++
			if c.Refused != "" {
				n.refused++
				continue
			}
			n.waits[c.Word()]++
			n.class[c.Class]++
		}
	}
	return n
}

// costs lists the classes in order of what they cost.
func (n planCount) costs() string {
	var parts []string
	for _, c := range []Class{ClassLive, ClassPMDRecreation, ClassPortRestart, ClassRestartNeeded} {
		if n.class[c] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.class[c], c))
		}
	}
	return strings.Join(parts, ", ")
}

func (p Plan) findingsSummary() string {
	n := map[Severity]int{}
	for _, f := range p.Findings {
		n[f.Severity]++
	}
	var parts []string
	for _, s := range []Severity{SeverityError, SeverityWarning} {
		if n[s] > 0 {
			parts = append(parts, counted(n[s], string(s)))
		}
	}
	if len(parts) == 0 {
		return "No errors, no warnings"
	}
	return strings.Join(parts, ", ")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func waits(n int) string {
	if n == 1 {
		return "1 waits"
	}
	return fmt.Sprintf("%d wait", n)
}
