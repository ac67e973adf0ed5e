package difftest

import (
	"fmt"
	"strings"
)

// Trace is what ofproto/trace says of one packet.
type Trace struct {
	Passes []Pass // the first, and one for each recirculation
	// Userdata of the controller actions on the way, in hexadecimal without dots, in
	// their order; empty for an action without.
	Userdata []string
	// TooDeep says that OVS gave up, and drops the packet: it goes in circles.
	TooDeep bool
}

// Pass is one pass of the packet through the tables.
type Pass struct {
	Recirc   string // the recirculation it begins with, "0x1"; "" of the first
	Megaflow string
	Actions  []Action
}

// tooDeep is what OVS says of a packet that goes in circles (ofproto/ofproto-dpif-xlate.c,
// xlate_strerror).
const tooDeep = "Translation failed (Recursion too deep), packet is dropped."

// ParseTrace reads the reply of ofproto/trace (ofproto/ofproto-dpif-trace.c,
// ofproto_trace and ofproto_trace__, 3.1): for each pass, "Megaflow: " and
// "Datapath actions: " begin a line, and before a further one a line begins with
// "recirc(ID)". Where the translation fails it says "Translation failed (REASON),
// packet is dropped." instead of a megaflow.
func ParseTrace(text string) (Trace, error) {
	var t Trace
	var next Pass
	for _, line := range strings.Split(text, "\n") {
		if id, ok := strings.CutPrefix(line, "recirc("); ok {
			next.Recirc, _, _ = strings.Cut(id, ")")
			continue
		}
		if m, ok := strings.CutPrefix(line, "Megaflow: "); ok {
			next.Megaflow = m
			continue
		}
		if a, ok := strings.CutPrefix(line, "Datapath actions: "); ok {
			var err error
			if next.Actions, err = ParseActions(a); err != nil {
				return Trace{}, err
			}
			t.Passes = append(t.Passes, next)
			next = Pass{}
			continue
		}
		if line == tooDeep {
			t.TooDeep = true
			return t, nil
		}
		if strings.HasPrefix(line, "Translation failed") || strings.HasPrefix(line, "Error:") {
			return Trace{}, fmt.Errorf("trace: %s", line)
		}
		if a, ok := strings.CutPrefix(strings.TrimSpace(line), "controller("); ok {
			t.Userdata = append(t.Userdata, userdata(a))
		}
	}
	if len(t.Passes) == 0 {
		return Trace{}, fmt.Errorf("trace: no datapath actions in %.80q", text)
	}
	return t, nil
}

// userdata is in the text of a controller action, behind its parenthesis
// (lib/ofp-actions.c, format_CONTROLLER).
func userdata(text string) string {
	_, u, _ := strings.Cut(text, "userdata=")
	if i := strings.IndexAny(u, ",)"); i >= 0 {
		u = u[:i]
	}
	return strings.ReplaceAll(u, ".", "")
}

// pass is the pass that a recirculation begins.
func (t Trace) pass(recirc string) (Pass, bool) {
	for _, p := range t.Passes {
		if p.Recirc == recirc {
			return p, true
		}
	}
	return Pass{}, false
}
