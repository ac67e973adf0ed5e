package appctl

import (
	"io"
	"regexp"
	"strconv"
	"strings"
)

// TraceLine is a line of ofproto/trace.
type TraceLine struct {
	Text   string // as printed, without blanks at its end
	Bridge string // where the packet is
	// Table is the table that is looked up here, Cookie that of the rule that was
	// found; Lookup is false for all other lines.
	Lookup bool
	Table  uint8
	Cookie uint64
}

var (
	traceBridge = regexp.MustCompile(`^ *bridge\("(.*)"\)$`)
	traceTable  = regexp.MustCompile(`^ *(\d{1,3})\. \S`)
	traceCookie = regexp.MustCompile(`, cookie 0x([0-9a-f]{1,16})$`)
)

// ParseTrace reads the reply of ofproto/trace, and returns the datapath's actions of
// each pass besides. A line it does not know is one that looks nothing up: OVS adds
// remarks.
//
// Printed by oftrace_print_node_details and ofproto_trace of
// ofproto/ofproto-dpif-trace.c; table lines and headings are the same from OVS 2.17
// to 4.0.
func ParseTrace(r io.Reader) (lines []TraceLine, actions []string, err error) {
	text, err := io.ReadAll(io.LimitReader(r, 16*maxLine))
	if err != nil {
		return nil, nil, err
	}
	bridge := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, " \r\n")
		if m := traceBridge.FindStringSubmatch(line); m != nil {
			bridge = m[1]
		}
		if a, ok := strings.CutPrefix(line, "Datapath actions: "); ok {
			actions = append(actions, a)
		}
		l := TraceLine{Text: line, Bridge: bridge}
		if m := traceTable.FindStringSubmatch(line); m != nil {
			n, err := strconv.ParseUint(m[1], 10, 8)
			l.Lookup, l.Table = err == nil, uint8(n)
		}
		if m := traceCookie.FindStringSubmatch(line); l.Lookup && m != nil {
			l.Cookie, _ = strconv.ParseUint(m[1], 16, 64) // at most 16 digits
		}
		lines = append(lines, l)
	}
	return lines, actions, nil
}
