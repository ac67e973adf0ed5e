package configs

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// field is one key of a raw struct.
type field struct {
	key   string
	index int
	rules rules
}

// fieldsOf lists the keys of a raw struct; other types have none.
func fieldsOf(t reflect.Type) []field {
	fields := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("yaml") != "" {
			fields = append(fields, field{key: f.Tag.Get("yaml"), index: i, rules: rulesOf(f)})
		}
	}
	return fields
}

// mapping decodes a mapping into a struct: every key known, each once, those
// that are required present, and the struct's own rules kept.
func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	fields, known := d.fields[v.Type()]
	if !known {
		fields = fieldsOf(v.Type())
		d.fields[v.Type()] = fields
	}
	if n.Kind != yaml.MappingNode {
		d.say(n.Line, path, "is a %s, but a mapping with keys belongs here: %s", kindName(n), keyList(fields))
		return
	}
	before := len(d.problems)
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		f, ok := d.key(key, fields, path, seen)
		if !ok {
			continue
		}
		at := join(path, f.key)
		d.lines[at] = key.Line
		d.node(value, v.Field(f.index), at, f.rules)
	}
	for _, f := range fields {
		if _, found := seen[f.key]; f.rules.required && !found {
			d.say(n.Line, join(path, f.key), "is missing; it has no default: write for instance %s: %s", f.key, f.rules.example)
		}
	}
	if c, ok := v.Addr().Interface().(checked); ok && len(d.problems) == before {
		c.check(func(key, format string, args ...any) {
			at := join(path, key)
			d.say(d.line(at, n.Line), at, format, args...)
		})
	}
}

// key finds the field of a key, or says why there is none.
func (d *decoder) key(key *yaml.Node, fields []field, path string, seen map[string]int) (field, bool) {
	if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 {
		d.say(key.Line, path, "has a key that is not a plain word; known keys: %s", keyList(fields))
		return field{}, false
	}
	at := join(path, key.Value)
	if len(key.Value) > 64 {
		d.say(key.Line, path, "has a key of %d characters; known keys: %s", len(key.Value), keyList(fields))
		return field{}, false
	}
	if key.ShortTag() == "!!merge" {
		d.say(key.Line, at, "YAML merge keys are not used here; a profile says each thing where it stands: write the keys out")
		return field{}, false
	}
	if first, again := seen[key.Value]; again {
		d.say(key.Line, at, "stands here again, first in line %d; keep one of them", first)
		return field{}, false
	}
	seen[key.Value] = key.Line
	for _, f := range fields {
		if f.key == key.Value {
			return f, true
		}
	}
	keys := make([]string, 0, len(fields))
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	if near := nearest(key.Value, keys); near != "" {
		d.say(key.Line, at, "unknown key; did you mean %s?", near)
	} else {
		d.say(key.Line, at, "unknown key; known here: %s", keyList(fields))
	}
	return field{}, false
}

func keyList(fields []field) string {
	keys := make([]string, 0, len(fields))
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	return strings.Join(keys, ", ")
}

func join(path, key string) string {
	switch {
	case path == "":
		return key
	case key == "":
		return path
	default:
		return path + "." + key
	}
}

// nearest returns the word that the operator most likely meant, or "".
func nearest(word string, words []string) string {
	best, bestDistance := "", max(1, len(word)/3)+1
	for _, w := range words {
		if d := distance(strings.ToLower(word), strings.ToLower(w)); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	return best
}

// distance is the number of characters to insert, delete or exchange to turn a
// into b (Levenshtein).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b)) // far too long for any of our words
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
