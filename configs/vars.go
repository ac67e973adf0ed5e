package configs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Vars are the values of one host that stand in its profile as ${name}, so
// that the profiles of identical hosts are identical files.
type Vars struct {
	File   string // where a missing one would be added
	Values map[string]string
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ParseVars reads a variables file: one flat mapping of names to single values,
// taken as written. The error is an *Error.
func ParseVars(file string, data []byte) (Vars, error) {
	d := newDecoder(file, nil)
	vars := Vars{File: file, Values: map[string]string{}}
	root, _ := d.document(data, "variables file")
	if root != nil && root.Kind != yaml.MappingNode {
		d.say(root.Line, "", "is a %s, but lines of name: value belong here", kindName(root))
		root = nil
	}
	first := map[string]int{}
	for i := 0; root != nil && i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		name := key.Value
		switch line, again := first[name]; {
		case key.Kind != yaml.ScalarNode || !variableName.MatchString(name):
			d.say(key.Line, name, "is no name of a variable; letters, digits and _ are valid, and no digit first")
		case again:
			d.say(key.Line, name, "stands here again, first in line %d; keep one of them", line)
		case !d.plain(value, name):
		case value.Kind != yaml.ScalarNode:
			d.say(value.Line, name, "is a %s, but a single value belongs here", kindName(value))
		case strings.Contains(value.Value, "${"):
			d.say(value.Line, name, "refers to another variable; write the value out")
		default:
			vars.Values[name] = value.Value
		}
		first[name] = key.Line
	}
	return vars, errorOf(d.problems)
}

// expand replaces each ${name} in text; $${ stands for a literal ${. What a
// variable holds is not expanded again.
func (v Vars) expand(text string) (string, bool, error) {
	if !strings.Contains(text, "${") {
		return text, false, nil
	}
	var b strings.Builder
	for text != "" {
		if rest, found := strings.CutPrefix(text, "$${"); found {
			b.WriteString("${")
			text = rest
			continue
		}
		rest, found := strings.CutPrefix(text, "${")
		if !found {
			b.WriteByte(text[0])
			text = text[1:]
			continue
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !variableName.MatchString(name) {
			return "", false, fmt.Errorf("%q is no variable; write ${name}, or $${ for the characters ${", text)
		}
		value, known := v.Values[name]
		if !known {
			return "", false, v.unknown(name)
		}
		b.WriteString(value)
		text = after
	}
	return b.String(), true, nil
}

func (v Vars) unknown(name string) error {
	file := v.file()
	near := nearest(name, slices.Sorted(maps.Keys(v.Values)))
	if near != "" {
		return fmt.Errorf("the variable ${%s} has no value; did you mean ${%s}? Otherwise add a line %s: VALUE to %s", name, near, name, file)
	}
	return fmt.Errorf("the variable ${%s} has no value; add a line %s: VALUE to %s", name, name, file)
}

func (v Vars) file() string {
	if v.File == "" {
		return "the variables file"
	}
	return v.File
}

// escape is the inverse of expand for text without variables.
func escape(text string) string { return strings.ReplaceAll(text, "${", "$${") }
