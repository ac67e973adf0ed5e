package openflow

import (
	"fmt"
	"strings"
)

// String is the flow as a line of ovs-ofctl dump-flows --no-stats, without the
// space before it (lib/ofp-flow.c, ofputil_flow_stats_format, OVS 3.1).
func (f Flow) String() string {
	var p printer
	if f.Cookie != 0 {
		p.f("cookie=0x%x, ", f.Cookie)
	}
	if f.Table != 0 {
		p.f("table=%d, ", f.Table)
	}
	f.tail(&p)
	f.rule(&p)
	return p.String()
}

// tail prints what stands between the counters and the match.
func (f Flow) tail(p *printer) {
	if f.IdleTimeout != 0 {
		p.f("idle_timeout=%d, ", f.IdleTimeout)
	}
	if f.HardTimeout != 0 {
		p.f("hard_timeout=%d, ", f.HardTimeout)
	}
	for i, name := range []string{"send_flow_rem", "check_overlap", "reset_counts", "no_packet_counts", "no_byte_counts"} {
		if f.Flags>>i&1 != 0 {
			p.f("%s ", name)
		}
	}
	if f.Importance != 0 {
		p.f("importance=%d, ", f.Importance)
	}
}

func (f Flow) rule(p *printer) {
	if m := matchText(f.Priority, f.Match); m != "" {
		p.f("%s ", m)
	}
	p.f("actions=%s", f.Do)
}

// matchText is the match with its priority before it.
func matchText(priority uint16, m Match) string {
	text := m.String()
	if priority == DefaultPriority {
		return text
	}
	return chomp(fmt.Sprintf("priority=%d,%s", priority, text))
}

// String is the flow as a line of ovs-ofctl dump-flows, without the space before it.
func (e FlowEntry) String() string {
	var p printer
	p.f("cookie=0x%x, duration=%s, table=%d, n_packets=%d, n_bytes=%d, ", e.Cookie, e.duration(), e.Table, e.Packets, e.Bytes)
	e.tail(&p)
	p.f("idle_age=%d, ", e.IdleSeconds)
	e.rule(&p)
	return p.String()
}

// duration prints as lib/ofp-print.c, ofp_print_duration.
func (e FlowEntry) duration() string {
	switch {
	case e.Nanoseconds == 0:
		return fmt.Sprintf("%ds", e.Seconds)
	case e.Nanoseconds%1_000_000 == 0:
		return fmt.Sprintf("%d.%03ds", e.Seconds, e.Nanoseconds/1_000_000)
	default:
		return strings.TrimRight(fmt.Sprintf("%d.%09d", e.Seconds, e.Nanoseconds), "0") + "s"
	}
}

// String names what is to happen to which flow.
func (m *FlowMod) String() string {
	words := [...]string{"add flow", "modify flows", "modify flow", "delete flows", "delete flow"}
	word := "change flow"
	if int(m.Command) < len(words) {
		word = words[m.Command]
	}
	switch m.Command {
	case FlowDelete, FlowDeleteStrict:
		return fmt.Sprintf("%s cookie=0x%x, %s", word, m.Flow.Cookie, m.Flow.Key())
	default:
		return word + " " + m.Flow.String()
	}
}
