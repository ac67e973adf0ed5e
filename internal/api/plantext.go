package api

import (
	"fmt"
	"io"
	"strings"
)

// WriteText prints the plan as operators read it: findings, host actions,
// changes by step with what each costs, and one line that sums up.
func (p Plan) WriteText(w io.Writer, o TextOptions) error {
	t := newText(w, o)
	t.printf("%s\n", p.title())
	p.writeFindings(t)
	writeActions(t, "Host, before the first step", p.Before)
	for _, s := range p.Steps {
		t.printf("\n%s\n", t.in(bold, 0, fmt.Sprintf("Step %d of %d", s.Number, len(p.Steps))))
		writeChanges(t, s.Changes)
	}
	writeActions(t, "Host, after the last step", p.After)
	summary := p.Summary()
	if len(summary) > t.width {
		summary = strings.ReplaceAll(summary, "; ", "\n")
	}
	t.printf("\n%s\n", summary)
	return t.err
}

// WriteFindings prints the findings alone, as WriteText does, and their number.
func (p Plan) WriteFindings(w io.Writer, o TextOptions) error {
	t := newText(w, o)
	t.printf("%s\n", p.title())
	p.writeFindings(t)
	t.printf("\n%s\n", p.findingsSummary())
	return t.err
}

// WriteChanges prints changes in the columns of WriteText, without a title.
func WriteChanges(w io.Writer, changes []Change, o TextOptions) error {
	t := newText(w, o)
	writeChanges(t, changes)
	return t.err
}

func (p Plan) title() string {
	s := "Plan for " + Printable(p.Host)
	if p.Profile != "" {
		s += " from " + Printable(p.Profile)
	}
	if p.OVS != "" {
		s += ", Open vSwitch " + Printable(p.OVS)
	}
	return s
}

func (p Plan) writeFindings(t *text) {
	if len(p.Findings) == 0 {
		return
	}
	t.printf("\n%s\n", t.in(bold, 0, "Findings"))
	writeFindings(t, p.Findings, p.Profile)
}

// WriteFindings prints findings in the form of WriteText, without a title.
func WriteFindings(w io.Writer, findings []Finding, o TextOptions) error {
	t := newText(w, o)
	writeFindings(t, findings, "")
	return t.err
}

func writeFindings(t *text, findings []Finding, profile string) {
	for _, f := range findings {
		color := plain
		switch f.Severity {
		case SeverityError:
			color = red
		case SeverityWarning:
			color = yellow
		case SeverityInfo:
		}
		t.wrapped("  "+t.in(color, 8, string(f.Severity))+" ", 11, f.place(profile)+f.What+" ["+f.Code+"]")
		if f.Cost != "" {
			t.wrapped(strings.Repeat(" ", 11)+"costs  ", 16, f.Cost)
		}
		if f.Fix != "" {
			t.wrapped(strings.Repeat(" ", 11)+"fix    ", 16, f.Fix)
		}
	}
}

// place is where to look in the profile, in the form editors jump to.
func (f Finding) place(profile string) string {
	if f.Line > 0 && profile != "" {
		return fmt.Sprintf("%s:%d: ", profile, f.Line) + f.in()
	}
	if f.Line > 0 {
		return fmt.Sprintf("line %d: ", f.Line) + f.in()
	}
	return f.in()
}

func (f Finding) in() string {
	if f.Path == "" {
		return ""
	}
	return f.Path + ": "
}

func writeActions(t *text, title string, actions []string) {
	if len(actions) == 0 {
		return
	}
	t.printf("\n%s\n", t.in(bold, 0, title))
	for _, a := range actions {
		t.wrapped("  "+t.in(yellow, 1, "~")+"  ", 5, a)
	}
}

// The columns before a change's text: marker, class, who makes it, way back.
const (
	classWidth  = 15
	whoWidth    = 9
	undoWidth   = 10
	changeStart = 2 + 1 + 2 + classWidth + 2 + whoWidth + 2 + undoWidth + 2
)

func writeChanges(t *text, changes []Change) {
	if len(changes) == 0 {
		return
	}
	t.printf("     %s\n", t.in(faint, 0, fmt.Sprintf("%-*s  %-*s  %-*s  %s", classWidth, "COSTS", whoWidth, "MADE BY", undoWidth, "UNDO", "CHANGE")))
	indent := strings.Repeat(" ", changeStart)
	for _, c := range changes {
		mark, color := c.mark()
		classColor := plain
		if c.Class != ClassLive {
			classColor = yellow
		}
		undo := "reversible"
		switch {
		case c.Refused != "":
			undo = "-"
		case c.OneWay:
			undo = "one-way"
		}
		head := "  " + t.in(color, 1, mark) + "  " + t.in(classColor, classWidth, string(c.Class)) + "  " +
			t.in(plain, whoWidth, c.madeBy()) + "  " + t.in(plain, undoWidth, undo) + "  "
		t.wrapped(head, changeStart, c.Text)
		if c.Refused != "" {
			t.wrapped(indent+"not made: ", changeStart, c.Refused)
		}
		if c.Note != "" {
			t.wrapped(indent+"note: ", changeStart, c.Note)
		}
	}
}

// madeBy says who makes the change.
func (c Change) madeBy() string {
	switch {
	case c.Refused != "":
		return "nobody"
	case c.Waits == WordForce, c.Waits == WordForceTakeOver:
		return "force"
	case c.TakeOver:
		return "take-over"
	case c.Automatic:
		return "daemon"
	default:
		return "apply"
	}
}

// mark is the change in one character.
func (c Change) mark() (string, paint) {
	switch {
	case c.Refused != "":
		return "x", red
	case c.TakeOver:
		return "!", yellow
	}
	switch c.Op {
	case OpCreate:
		return "+", green
	case OpDelete:
		return "-", red
	case OpSet, OpUnset:
		return "~", yellow
	case OpClaim, OpForget, OpDisown:
		return "=", plain
	default:
		return "?", plain
	}
}
