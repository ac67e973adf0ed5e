package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ParseDocument reads what Export's document looks like as YAML (or JSON). A field
// that it does not know is an error.
func ParseDocument(text []byte) (*Document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var plain any
	if err := root.Decode(&plain); err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	body, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("a key is no text: %w", err)
	}
	d := &Document{}
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(d); err != nil {
		return nil, locate(&root, err)
	}
	if d.APIVersion != DocumentVersion || d.Kind != DocumentKind {
		return nil, fmt.Errorf("apiVersion %q, kind %q: this is no %s of %s", d.APIVersion, d.Kind, DocumentKind, DocumentVersion)
	}
	return d, nil
}

// locate adds the line where a wrong key or value stands, as far as it is known.
func locate(root *yaml.Node, err error) error {
	words := strings.TrimPrefix(err.Error(), "json: ")
	var wrong *json.UnmarshalTypeError
	switch name, unknown := strings.CutPrefix(words, "unknown field "); {
	case unknown:
		if line := lineOf(root, func(key, _ *yaml.Node) bool { return `"`+key.Value+`"` == name }); line > 0 {
			return fmt.Errorf("line %d: unknown field %s", line, name)
		}
	case errors.As(err, &wrong):
		field := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
		return fmt.Errorf("%s: %s is not what belongs there", field, wrong.Value)
	default:
		// An address, a prefix or a MAC: its parser quotes what it read.
		if line := lineOf(root, func(_, v *yaml.Node) bool { return v.Value != "" && strings.Contains(words, `"`+v.Value+`"`) }); line > 0 {
			return fmt.Errorf("line %d: %s", line, words)
		}
	}
	return errors.New(words)
}

// lineOf is the line of the first pair or element that is meant, 0 for none.
func lineOf(n *yaml.Node, meant func(key, value *yaml.Node) bool) int {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if meant(c, n.Content[i+1]) {
				return c.Line
			}
			continue
		}
		if n.Kind == yaml.SequenceNode && meant(&yaml.Node{}, c) {
			return c.Line
		}
		if line := lineOf(c, meant); line > 0 {
			return line
		}
	}
	return 0
}

// key is the rule as text: rules have no name, and are told apart by what they say.
func (r ruleDoc) key() string {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Sprint(r)
	}
	return string(text)
}
