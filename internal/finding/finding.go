// Package finding is the one form in which planners and audits tell the
// operator that something about a profile or a host is wrong or could be better.
package finding

import (
	"cmp"
	"slices"
)

// Severity orders findings by what they cost.
type Severity string

// The severities, gravest first.
const (
	Error   Severity = "error"   // the plan is refused
	Warning Severity = "warning" // it will run, at a cost
	Info    Severity = "info"    // worth knowing
)

// Finding is one thing to tell the operator.
type Finding struct {
	Severity Severity `json:"severity"`
	// Code names the rule, stable over releases: "pmd-overlaps-reserved".
	Code string `json:"code"`
	// Path is the place in the profile, for instance "bridges[0].ports[1].mtu";
	// empty where the finding is about the host alone.
	Path string `json:"path,omitempty"`
	// Line is the profile's line of Path; 0 = unknown. Package configs fills it in.
	Line int `json:"line,omitempty"`
	// What is wrong, in one sentence with the values concerned.
	What string `json:"what"`
	// Cost is what it costs to leave it so: lost packets, cores, memory.
	Cost string `json:"cost,omitempty"`
	// Fix is what to change, with values that would be valid.
	Fix string `json:"fix,omitempty"`
}

func (s Severity) rank() int {
	return slices.Index([]Severity{Error, Warning, Info}, s)
}

// Sort orders findings: gravest first, then by line, path, code and text.
func Sort(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code), cmp.Compare(a.What, b.What))
	})
}

// Errors returns those findings that refuse a plan.
func Errors(fs []Finding) []Finding {
	var errs []Finding
	for _, f := range fs {
		if f.Severity == Error {
			errs = append(errs, f)
		}
	}
	return errs
}
