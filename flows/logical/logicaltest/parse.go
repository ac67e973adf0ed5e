// Package logicaltest makes logical networks for tests: from a few lines of text,
// and at random. A network of either kind is printed by the same lines, so that a
// failed test shows what it was about.
package logicaltest

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Parse reads a network, one entity to a line:
//
//	host   NAME ADDRESS [edge] [on-demand] [drained] [provider NETWORK]... [index N]
//	switch NAME [PREFIX]... [flood] [dhcp] [dns NAME=ADDRESS] [vlan NETWORK:TAG] [key N]
//	port   NAME SWITCH [ADDRESS]... [on HOST] [mac MAC] [moremac MAC] [nosec] [unknown]
//	       [outside HOST:BRIDGE] [localnet NETWORK] [tag TRUNK:TAG] [key N] [seq N]
//	router NAME [on HOST]... [ttl MODE] [key N]
//	link   ROUTER SWITCH ADDRESS/BITS... [mac MAC] [mtu N] [key N]
//	route  ROUTER NAME PREFIX via ADDRESS dev SWITCH | blackhole [ecmp MODE]
//
// A link makes the two ports that `sluicectl lr link` would, and dev names the
// switch behind the out port. UUIDs follow from names, so that a line that stays
// stays the same entity; keys, indexes and seq are the number of the line unless
// given, the seq of a link its key. What follows # is not read.
func Parse(text string) ([]logical.Entity, error) {
	var all []logical.Entity
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		e, err := entities(words[0], words[1:], i+1)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q: %w", i+1, line, err)
		}
		all = append(all, e...)
	}
	return all, nil
}

// Snapshot is the network of a text; it panics where Parse has an error.
func Snapshot(text string) *logical.Snapshot {
	all, err := Parse(text)
	if err != nil {
		panic(err)
	}
	s, _ := new(logical.Snapshot).With(logical.Changes{Put: all})
	return s
}

// UUID is the UUID of an entity of a kind and name.
func UUID(kind logical.Kind, name string) logical.UUID {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s", kind, name)
	u := logical.UUID{0: byte(kind), 6: 0x40, 7: 1}
	copy(u[8:], h.Sum(nil))
	return u
}

// line is one line under way: the words not yet read.
type line struct {
	words []string
	n     int
	err   error
}

func entities(kind string, words []string, n int) ([]logical.Entity, error) {
	l := &line{words: words, n: n}
	var all []logical.Entity
	switch kind {
	case "host":
		all = l.host()
	case "switch":
		all = l.aSwitch()
	case "port":
		all = l.port()
	case "router":
		all = l.router()
	case "link":
		all = l.link()
	case "route":
		all = l.route()
	default:
		return nil, fmt.Errorf("no such entity")
	}
	if l.err == nil && len(l.words) > 0 {
		l.err = fmt.Errorf("%q is not understood", l.words)
	}
	return all, l.err
}

func (l *line) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// next takes the first word.
func (l *line) next() string {
	if len(l.words) == 0 {
		l.fail(fmt.Errorf("a word is missing"))
		return ""
	}
	w := l.words[0]
	l.words = l.words[1:]
	return w
}

// flag takes a word away and says whether it was there.
func (l *line) flag(word string) bool {
	i := slices.Index(l.words, word)
	if i < 0 {
		return false
	}
	l.words = slices.Delete(slices.Clone(l.words), i, i+1)
	return true
}

// options takes every pair of key and value away and returns the values.
func (l *line) options(key string) []string {
	var values []string
	for {
		i := slices.Index(l.words, key)
		if i < 0 {
			return values
		}
		if i+1 == len(l.words) {
			l.fail(fmt.Errorf("%s needs a value", key))
			return values
		}
		values = append(values, l.words[i+1])
		l.words = slices.Delete(slices.Clone(l.words), i, i+2)
	}
}

// option is the last of options, or the default.
func (l *line) option(key, otherwise string) string {
	if v := l.options(key); len(v) > 0 {
		return v[len(v)-1]
	}
	return otherwise
}

// value reads text, and the line fails where that fails.
func value[V any](l *line, read func(string) (V, error), text string) V {
	v, err := read(text)
	if err != nil {
		l.fail(err)
	}
	return v
}

// rest reads the words that are left.
func rest[V any](l *line, read func(string) (V, error)) []V {
	var all []V
	for _, w := range l.words {
		all = append(all, value(l, read, w))
	}
	l.words = nil
	return all
}
