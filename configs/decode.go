package configs

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder walks a YAML document against the raw types. It goes on after a
// problem, so that one look tells them all. Scalars are taken as written: what
// type a value has is said by the field it goes to, never guessed from its
// looks, so 010 stays "010" where text is wanted.
type decoder struct {
	file     string
	vars     *Vars // nil: ${name} means nothing
	lines    map[string]int
	problems []Problem
	fields   map[reflect.Type][]field // what was learned of the raw structs
}

func newDecoder(file string, vars *Vars) *decoder {
	return &decoder{file: file, vars: vars, lines: map[string]int{}, fields: map[reflect.Type][]field{}}
}

// defaulter is a raw struct with defaults other than zero values, of its own
// fields. They are laid before the file's values are.
type defaulter interface{ setDefaults() }

// nodeReader is a raw type that is written in more than one shape.
type nodeReader interface {
	readNode(d *decoder, n *yaml.Node, path string)
}

// checked is a raw type with rules among its own fields. say takes the key
// concerned; "" is the whole mapping.
type checked interface {
	check(say func(key, format string, args ...any))
}

// say adds a problem. Its text goes on from the place ("dpdk: has no value");
// where the place has no name, the file is meant.
func (d *decoder) say(line int, path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path == "" && (strings.HasPrefix(text, "is ") || strings.HasPrefix(text, "has ")) {
		text = "the file " + text
	}
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Path: path, Text: text})
}

// node decodes n into v, which is addressable.
func (d *decoder) node(n *yaml.Node, v reflect.Value, path string, r rules) {
	if !d.plain(n, path) {
		return
	}
	switch p := v.Addr().Interface().(type) {
	case nodeReader:
		p.readNode(d, n, path)
		return
	case encoding.TextUnmarshaler:
		if text, _, ok := d.scalar(n, path); ok {
			if err := p.UnmarshalText([]byte(text)); err != nil {
				d.sayValue(n, path, err)
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		e := fresh(v.Type().Elem())
		d.node(n, e, path, r)
		v.Set(e.Addr())
	case reflect.Struct:
		d.mapping(n, v, path)
	case reflect.Slice:
		d.sequence(n, v, path, r)
	default:
		d.basic(n, v, path, r)
	}
}

// fresh returns an addressable value of type t with its defaults.
func fresh(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	layDefaults(v)
	return v
}

// layDefaults lays the defaults of a raw struct, the structs in it first.
func layDefaults(v reflect.Value) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("yaml") != "" {
			layDefaults(v.Field(i))
		}
	}
	if p, ok := v.Addr().Interface().(defaulter); ok {
		p.setDefaults()
	}
}

// plain refuses what YAML offers beyond values that stand where they are.
func (d *decoder) plain(n *yaml.Node, path string) bool {
	line := max(d.lines[path], n.Line)
	switch {
	case n.Kind == yaml.AliasNode:
		d.say(n.Line, path, "is a YAML alias (*%s); a profile says each thing where it stands: write the value out, or use a ${variable}", n.Value)
	case n.Anchor != "":
		d.say(n.Line, path, "has a YAML anchor (&%s); a profile says each thing where it stands: remove the anchor, or use a ${variable}", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		d.say(n.Line, path, "has a YAML tag (%s); the key alone says what type a value has: remove the tag", n.Tag)
	case isNull(n) && n.Value == "":
		d.say(d.line(path, line), path, "has no value; write one (of a section {} means all defaults), or remove the key")
	case isNull(n):
		d.say(n.Line, path, "%s is no value; write one, or remove the key for its default", n.Value)
	default:
		return true
	}
	return false
}

func (d *decoder) line(path string, otherwise int) int {
	if l, found := d.lines[path]; found {
		return l
	}
	return otherwise
}

// scalar returns a single value as written, with its variables replaced.
// expanded tells whether there were any.
func (d *decoder) scalar(n *yaml.Node, path string) (text string, expanded, ok bool) {
	if n.Kind != yaml.ScalarNode {
		d.say(n.Line, path, "is a %s, but a single value belongs here", kindName(n))
		return "", false, false
	}
	text = n.Value
	var err error
	if d.vars != nil {
		text, expanded, err = d.vars.expand(n.Value)
	}
	if err == nil && max(len(text), len(n.Value)) > maxScalar {
		err = fmt.Errorf("has %d characters; no value here is longer than %d", max(len(text), len(n.Value)), maxScalar)
	}
	if err != nil {
		d.say(n.Line, path, "%v", err)
		return "", false, false
	}
	return text, expanded, true
}

// maxScalar bounds a value, and so what a message repeats of it.
const maxScalar = 1024

// sayValue reports a value that its field refuses, and where it came from when
// the profile shows another text.
func (d *decoder) sayValue(n *yaml.Node, path string, err error) {
	if d.vars != nil && strings.Contains(n.Value, "${") {
		d.say(n.Line, path, "%v (written %s, see %s)", err, n.Value, d.vars.file())
		return
	}
	d.say(n.Line, path, "%v", err)
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "mapping of keys"
	case yaml.SequenceNode:
		return "list"
	default:
		return "single value"
	}
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, path string, r rules) {
	if n.Kind != yaml.SequenceNode {
		d.say(n.Line, path, "is a %s, but a list belongs here: [ ... ] or lines that begin with a dash", kindName(n))
		return
	}
	for i, item := range n.Content {
		at := path + "[" + strconv.Itoa(i) + "]"
		d.lines[at] = item.Line
		e := fresh(v.Type().Elem())
		d.node(item, e, at, r)
		v.Set(reflect.Append(v, e))
	}
}
