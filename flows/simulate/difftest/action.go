// Package difftest holds flow tables against the reference model: it runs real
// switches, one for each host of a logical network, follows packets through their
// tables with ofproto/trace from host to host, and compares what comes out with
// what package simulate says must come out. Nothing is sent: a trace is what the
// switch's own translation says, tunnels included.
package difftest

import (
	"fmt"
	"strings"
)

// Action is one datapath action as Open vSwitch prints it: a word, and in
// parentheses what belongs to it.
type Action struct {
	Word string // "set", "5", "vni=0x7"; lower case as printed
	Args []Action
}

// maxDepth bounds what stands in parentheses: real actions need six levels.
const maxDepth = 32

// ParseActions reads datapath actions as lib/odp-util.c, format_odp_actions, prints
// them (3.1 to 4.0): words with commas between, some followed by parentheses with
// more of the same. Geneve options stand in braces, which count as parentheses after
// an empty word.
func ParseActions(text string) ([]Action, error) {
	p := actionParser{rest: strings.TrimSpace(text)}
	all, err := p.list(0)
	if err == nil && p.rest != "" {
		err = fmt.Errorf("%.20q is left over", p.rest)
	}
	if err != nil {
		return nil, fmt.Errorf("datapath actions: %w", err)
	}
	return all, nil
}

type actionParser struct{ rest string }

func (p *actionParser) list(depth int) ([]Action, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d levels", maxDepth)
	}
	var all []Action
	for {
		a, err := p.one(depth)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
		var more bool
		if p.rest, more = strings.CutPrefix(p.rest, ","); !more {
			return all, nil
		}
	}
}

// one reads a word with its parentheses.
func (p *actionParser) one(depth int) (Action, error) {
	i := strings.IndexAny(p.rest, "(){},")
	if i < 0 {
		i = len(p.rest)
	}
	a := Action{Word: p.rest[:i]}
	p.rest = p.rest[i:]
	closing := ""
	switch {
	case strings.HasPrefix(p.rest, "("):
		closing = ")"
	case strings.HasPrefix(p.rest, "{"):
		closing = "}"
	case a.Word == "":
		return a, fmt.Errorf("a word is missing at %.20q", p.rest)
	default:
		return a, nil
	}
	p.rest = p.rest[1:]
	if rest, empty := strings.CutPrefix(p.rest, closing); empty {
		p.rest, a.Args = rest, []Action{}
		return a, nil
	}
	var err error
	if a.Args, err = p.list(depth + 1); err != nil {
		return a, err
	}
	rest, closed := strings.CutPrefix(p.rest, closing)
	if !closed {
		return a, fmt.Errorf("%s is missing at %.20q", closing, p.rest)
	}
	p.rest = rest
	return a, nil
}

// String writes the action as it was read, with parentheses for braces.
func (a Action) String() string {
	if a.Args == nil {
		return a.Word
	}
	return a.Word + "(" + format(a.Args) + ")"
}

func format(all []Action) string {
	words := make([]string, len(all))
	for i, a := range all {
		words[i] = a.String()
	}
	return strings.Join(words, ",")
}

// arg returns the first argument of a word.
func (a Action) arg(word string) (Action, bool) {
	for _, b := range a.Args {
		if b.Word == word {
			return b, true
		}
	}
	return Action{}, false
}

// value returns the value of the argument key=value.
func (a Action) value(key string) (string, bool) {
	for _, b := range a.Args {
		if k, v, ok := strings.Cut(b.Word, "="); ok && k == key {
			return v, true
		}
	}
	return "", false
}
