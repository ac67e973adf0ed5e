package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/yamlout"
)

// flowPrinter prints flows in the form that was asked for, a table at a time.
type flowPrinter struct {
	a      *app
	begun  bool
	states map[api.FlowState]int
}

func (p *flowPrinter) print(table []api.Flow) error {
	if len(table) == 0 {
		return nil
	}
	slices.SortFunc(table, api.Flow.Compare)
	for _, f := range table {
		p.states[f.State]++
	}
	switch p.a.output {
	case outputJSON:
		return p.json(table)
	case outputYAML:
		p.begun = true
		return yamlout.Write(p.a.stdout, table) // lists one behind the other are one list
	case outputTable:
	}
	var b strings.Builder
	if p.begun {
		b.WriteByte('\n')
	}
	p.begun = true
	fmt.Fprintf(&b, "table %d %s\n", table[0].Table, table[0].Name)
	for _, f := range table {
		writeFlow(&b, f)
	}
	return p.a.write([]byte(b.String()))
}

// json prints the elements of one array.
func (p *flowPrinter) json(table []api.Flow) error {
	var b strings.Builder
	for _, f := range table {
		head := ",\n"
		if !p.begun {
			head, p.begun = "[\n", true
		}
		text, err := api.Marshal(f)
		if err != nil {
			return err
		}
		b.WriteString(head + "  " + strings.ReplaceAll(strings.TrimSuffix(string(text), "\n"), "\n", "\n  "))
	}
	return p.a.write([]byte(b.String()))
}

func (p *flowPrinter) end(end api.FlowsEnd) error {
	switch {
	case p.a.output != outputTable && !p.begun:
		return p.a.write([]byte("[]\n"))
	case p.a.output == outputJSON:
		return p.a.write([]byte("\n]\n"))
	case p.a.output == outputYAML:
		return nil
	}
	var b strings.Builder
	if p.begun {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d flows of bridge %s", end.Flows, end.Bridge)
	for _, s := range []api.FlowState{api.FlowForeign, api.FlowMissing, api.FlowAltered, api.FlowUnknown} {
		if n := p.states[s]; n > 0 {
			fmt.Fprintf(&b, ", %d %s", n, flowState(s))
		}
	}
	b.WriteByte('\n')
	if end.Network != "" {
		fmt.Fprintf(&b, "the daemon: %s\n", api.Printable(end.Network))
	}
	return p.a.write([]byte(b.String()))
}

// flowState is a state in the words of a summary.
func flowState(s api.FlowState) string {
	switch s {
	case api.FlowForeign:
		return "not ours"
	case api.FlowMissing:
		return "not on the bridge"
	case api.FlowAltered:
		return "altered"
	case api.FlowUnknown:
		return "not compared: nothing is computed yet"
	case api.FlowLaid:
	}
	return string(s)
}

// writeFlow prints a flow as ovs-ofctl dump-flows does, and whose it is below it.
func writeFlow(b *strings.Builder, f api.Flow) {
	rule := fmt.Sprintf("priority=%d", f.Priority)
	if f.Match != "" {
		rule += "," + f.Match
	}
	counters := fmt.Sprintf("n_packets=%d, n_bytes=%d, ", f.Packets, f.Bytes)
	if f.State == api.FlowMissing {
		counters = ""
	}
	fmt.Fprintf(b, "  %s%s actions=%s\n    ", counters, rule, f.Actions)
	if f.State != api.FlowLaid && f.State != api.FlowUnknown {
		b.WriteString(strings.ToUpper(flowState(f.State)) + "; ")
	}
	fmt.Fprintf(b, "%s: %s\n", f.Cookie, api.Printable(ownersText(f)))
	if f.Wanted != "" {
		fmt.Fprintf(b, "    computed was %s\n", f.Wanted)
	}
}

// ownersText names whose a flow is.
func ownersText(f api.Flow) string {
	if len(f.Owners) == 0 {
		return "a cookie of somebody else's"
	}
	words := make([]string, len(f.Owners))
	for i, o := range f.Owners {
		words[i] = ownerText(o)
	}
	if f.State == api.FlowForeign {
		return "was for " + words[0]
	}
	return strings.Join(words, "; also ")
}

func ownerText(o api.FlowOwner) string {
	switch {
	case o.Row == "":
		return "constant, of no object"
	case o.Gone:
		return o.Kind + " " + o.Row + ", which is gone"
	}
	return o.Kind + " " + o.Name + ", row " + o.Row
}

func (a *app) explainFlow(x api.FlowExplanation) error {
	var b strings.Builder
	if x.Owner == nil {
		fmt.Fprintf(&b, "%s is not ours\n", x.Cookie)
	} else {
		fmt.Fprintf(&b, "%s is of %s\n", x.Cookie, api.Printable(ownerText(*x.Owner)))
	}
	for _, p := range x.Problems {
		fmt.Fprintf(&b, "cannot be done here: %s\n", api.Printable(p))
	}
	if x.Network != "" {
		fmt.Fprintf(&b, "the daemon: %s\n", api.Printable(x.Network))
	}
	if len(x.Flows) == 0 {
		b.WriteString("this host has and needs no flows for it\n")
	}
	last := -1
	for _, f := range x.Flows {
		if f.Table != last {
			last = f.Table
			fmt.Fprintf(&b, "\ntable %d %s\n", f.Table, f.Name)
		}
		writeFlow(&b, f)
	}
	if len(x.Groups) > 0 {
		b.WriteString("\ngroups\n")
	}
	for _, g := range x.Groups {
		fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(g, "\n", "\n  "))
	}
	return a.write([]byte(b.String()))
}
