package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/build"
)

// screen is the host at one moment; what came before gives the rates.
type screen struct {
	was, now api.Status
	rates    rates // nil = none known
	foot     string
}

func (s screen) write(w io.Writer) error {
	var b strings.Builder
	s.head(&b)
	s.waiting(&b)
	s.bridges(&b)
	s.ports(&b)
	s.pmds(&b)
	s.lookups(&b)
	for _, u := range s.now.Unknown {
		fmt.Fprintf(&b, "\nnot read: %s", u)
	}
	if s.now.Metrics != "" {
		fmt.Fprintf(&b, "\nMetrics: %s", s.now.Metrics)
	}
	if s.foot != "" {
		fmt.Fprintf(&b, "\n%s", s.foot)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// waiting lists what the newest pass left, by the command that makes it.
func (s screen) waiting(b *strings.Builder) {
	for _, w := range api.Words() {
		list(b, fmt.Sprintf("Waiting%s for `sluicectl %s`:", w.How(), w), s.now.Pending, func(c api.Change) (string, bool) {
			return fmt.Sprintf("%s  [%s]", c.Text, c.Class), c.Word() == w
		})
	}
	list(b, "Not made:", s.now.Pending, func(c api.Change) (string, bool) {
		return c.Text + ": " + c.Refused, c.Refused != ""
	})
}

// list writes the lines of those changes that have one, under a title where any has.
func list(b *strings.Builder, title string, changes []api.Change, line func(api.Change) (string, bool)) {
	var lines []string
	for _, c := range changes {
		if text, has := line(c); has {
			lines = append(lines, "  "+api.Printable(text)+"\n")
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n%s\n%s", title, strings.Join(lines, ""))
	}
}

func table(b *strings.Builder, head string, rows func(row func(cells ...any))) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	rows(func(cells ...any) {
		texts := make([]string, len(cells))
		for i, c := range cells {
			texts[i] = api.Printable(fmt.Sprint(c))
		}
		fmt.Fprintln(w, strings.Join(texts, "\t"))
	})
	_ = w.Flush() // into memory
}

func (s screen) bridges(b *strings.Builder) {
	if len(s.now.Bridges) == 0 {
		return
	}
	b.WriteByte('\n')
	table(b, "BRIDGE\tDATAPATH\tFAIL MODE\tPORTS\tOWNER", func(row func(...any)) {
		for _, br := range s.now.Bridges {
			row(br.Name, orDash(br.Datapath), orDash(br.FailMode), len(br.Ports), orDash(br.Owner))
		}
	})
}

func (s screen) ports(b *strings.Builder) {
	if len(s.now.Ports) == 0 {
		return
	}
	b.WriteByte('\n')
	traffic := s.traffic()
	table(b, "PORT\tBRIDGE\tTYPE\tLINK\tQUEUES\tMTU\tRX "+traffic+"\tTX "+traffic+"\tDROPS\tCAUSE\tPOLLED BY", func(row func(...any)) {
		for _, p := range s.now.Ports {
			row(p.Name, p.Bridge, orDash(p.Type), link(p), queues(p), number(p.MTU),
				s.packets(p, "rx_packets"), s.packets(p, "tx_packets"), drops(p), causes(p), cores(p))
		}
	})
	if s.rates != nil {
		b.WriteString("pps: over the last 5 s, as often as Open vSwitch counts anew at ports\n")
	}
}

// traffic is what packets returns: one look has totals, several have rates.
func (s screen) traffic() string {
	if s.rates == nil {
		return "packets"
	}
	return "pps"
}

func (s screen) packets(p api.Port, counter string) string {
	if s.rates != nil {
		return s.rates.of(p.Name, counter)
	}
	if n, told := p.Counters[counter]; told {
		return fmt.Sprint(n)
	}
	return "-"
}

// drops adds both directions; "-" where OVS tells neither.
func drops(p api.Port) string {
	rx, rxTold := p.Counters["rx_dropped"]
	tx, txTold := p.Counters["tx_dropped"]
	if !rxTold && !txTold {
		return "-"
	}
	return fmt.Sprint(rx + tx)
}

// causes names what ended most packets, and how many causes more there are.
func causes(p api.Port) string {
	switch n := len(p.Drops); n {
	case 0:
		return "-"
	case 1:
		return cause(p.Drops[0])
	default:
		return fmt.Sprintf("%s (+%d)", cause(p.Drops[0]), n-1)
	}
}

// cause is what docs/drops.md calls it.
func cause(d api.Drop) string { return d.Direction + " " + d.Cause }

func link(p api.Port) string {
	switch {
	case p.Error != "":
		return "ERROR"
	case p.Connected != nil && !*p.Connected:
		return "no guest"
	case p.Connected != nil:
		return "connected"
	case p.BFD != "" && p.BFD != "up":
		return "BFD " + p.BFD
	default:
		return orDash(p.Link)
	}
}

func queues(p api.Port) string {
	if p.QueuesNegotiated == nil && p.QueuesExpected == 0 {
		return "-"
	}
	have := "-"
	if p.QueuesNegotiated != nil {
		have = fmt.Sprint(*p.QueuesNegotiated)
	}
	if p.QueuesExpected == 0 {
		return have
	}
	return fmt.Sprintf("%s/%d", have, p.QueuesExpected)
}

func cores(p api.Port) string {
	seen := map[string]bool{}
	var out []string
	for _, words := range p.PolledBy {
		if _, core, ok := strings.Cut(words, "core "); ok && !seen[core] {
			seen[core] = true
			out = append(out, core)
		}
	}
	return orDash(strings.Join(out, ","))
}

func (s screen) pmds(b *strings.Builder) {
	if len(s.now.PMDs) == 0 {
		return
	}
	b.WriteByte('\n')
	table(b, "PMD CORE\tNUMA\tBUSY\tQUEUES (usage)", func(row func(...any)) {
		for _, p := range s.now.PMDs {
			busy := "-"
			if p.Busy != nil {
				busy = fmt.Sprintf("%.0f %%", *p.Busy*100)
			}
			var qs []string
			for _, q := range p.Queues {
				text := fmt.Sprintf("%s:%d", q.Port, q.Queue)
				if q.Usage != nil {
					text += fmt.Sprintf(" (%d %%)", *q.Usage)
				}
				if !q.Enabled {
					text += " off"
				}
				qs = append(qs, text)
			}
			row(p.Core, p.NUMA, busy, orDash(strings.Join(qs, ", ")))
		}
	})
}

// lookups shows where packets found their flow: since the moment before, or
// since the counters were cleared.
func (s screen) lookups(b *strings.Builder) {
	now := s.now.Lookups
	if now == nil {
		return
	}
	d, since := *now, "since the start"
	if was := s.was.Lookups; was != nil && now.Passes > was.Passes {
		since = "in the last second"
		d = api.Lookups{
			Packets: d.Packets - was.Packets, Passes: d.Passes - was.Passes, Simple: d.Simple - was.Simple, EMC: d.EMC - was.EMC,
			SMC: d.SMC - was.SMC, Megaflow: d.Megaflow - was.Megaflow, Upcalls: d.Upcalls - was.Upcalls, Lost: d.Lost - was.Lost,
		}
	}
	if d.Passes == 0 {
		fmt.Fprintf(b, "\nLookups: no packets %s\n", since)
		return
	}
	share := func(n uint64) string { return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(d.Passes)) }
	fmt.Fprintf(b, "\nLookups %s: %d passes: simple %s, EMC %s, SMC %s, megaflow %s, upcall %s, lost %d\n",
		since, d.Passes, share(d.Simple), share(d.EMC), share(d.SMC), share(d.Megaflow), share(d.Upcalls), d.Lost)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func number(n *int64) string {
	if n == nil || *n == 0 {
		return "-"
	}
	return fmt.Sprint(*n)
}

func tool() api.Version {
	v := build.Version()
	return api.Version{Version: v.Version, Revision: v.Revision, Modified: v.Dirty, Go: v.Go}
}

func line(v api.Version) string {
	text := v.Version
	if v.Revision != "" {
		text += " (" + v.Revision[:min(12, len(v.Revision))] + ")"
	}
	return text + ", " + v.Go
}
