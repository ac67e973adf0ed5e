// Package yamlout prints as YAML what encoding/json can print, so that a type
// needs tags and methods for one of them only.
package yamlout

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Write prints v to w as one YAML document. Names, order and omissions are
// those of v's JSON; numbers keep their digits, and a string that YAML would
// take for something else is quoted. It is one call of w's Write, or none when v
// has no JSON.
func Write(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	node, err := read(decoder)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

// read takes one value from the JSON.
func read(decoder *json.Decoder) (*yaml.Node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		return readInside(decoder, token)
	case string:
		return readString(token)
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: "null"}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(token)}, nil // a number or a boolean
}

// readString chooses the form of a string.
func readString(text string) (*yaml.Node, error) {
	odd := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	if strings.ContainsFunc(text, odd) || strings.Contains(text, "\n") && strings.TrimLeft(text, " \n") != text {
		// The library prints these as blocks that it cannot read back.
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text}, nil
	}
	// Encode, and not SetString, knows what a YAML 1.1 reader takes for
	// something else: "off", and "10:20:30" for a number of base 60.
	node := new(yaml.Node)
	return node, node.Encode(text)
}

// readInside takes what is between an opening delimiter and its closing one:
// the members of an object are name and value in turn.
func readInside(decoder *json.Decoder, open json.Delim) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.MappingNode}
	if open == '[' {
		node.Kind = yaml.SequenceNode
	}
	for decoder.More() {
		member, err := read(decoder)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, member)
	}
	if len(node.Content) == 0 {
		node.Style = yaml.FlowStyle // [] and {}
	}
	_, err := decoder.Token()
	return node, err
}
