package configs

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// nodeWriter is a raw type that is written in more than one shape.
type nodeWriter interface{ node() *yaml.Node }

// quantity is a raw type whose text may look like a number and needs no quotes.
type quantity interface {
	encoding.TextMarshaler
	isQuantity()
}

func (bitRate) isQuantity()     {}
func (byteSize) isQuantity()    {}
func (share) isQuantity()       {}
func (optionClass) isQuantity() {}

// encode is the inverse of decoder.node: what equals its default is left out,
// what has none is always there.
func encode(v reflect.Value) (*yaml.Node, error) {
	switch x := v.Interface().(type) {
	case nodeWriter:
		return x.node(), nil
	case quantity:
		text, err := x.MarshalText()
		return plain(string(text)), err
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		return textNode(string(text)), err
	}
	switch v.Kind() {
	case reflect.Pointer:
		return encode(v.Elem())
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Slice:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			item, err := encode(v.Index(i))
			if err != nil {
				return nil, err
			}
			list.Content = append(list.Content, item)
		}
		return compact(list), nil
	case reflect.String:
		return textNode(v.String()), nil
	case reflect.Bool:
		return plainNode("!!bool", strconv.FormatBool(v.Bool())), nil
	case reflect.Int:
		return plainNode("!!int", strconv.FormatInt(v.Int(), 10)), nil
	case reflect.Uint32:
		return plainNode("!!int", strconv.FormatUint(v.Uint(), 10)), nil
	default:
		return nil, fmt.Errorf("no YAML for %s", v.Type())
	}
}

func encodeStruct(v reflect.Value) (*yaml.Node, error) {
	m := &yaml.Node{Kind: yaml.MappingNode}
	defaults := fresh(v.Type())
	for _, f := range fieldsOf(v.Type()) {
		value := v.Field(f.index)
		if !f.rules.required && reflect.DeepEqual(value.Interface(), defaults.Field(f.index).Interface()) {
			continue
		}
		n, err := encode(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.key, err)
		}
		if slices.Contains(f.rules.enum, n.Value) {
			n = plain(n.Value)
		}
		m.Content = append(m.Content, plainNode("!!str", f.key), n)
	}
	return compact(m), nil
}

// compact puts a short list or mapping of single values on one line.
func compact(n *yaml.Node) *yaml.Node {
	if len(n.Content) > 8 {
		return n
	}
	width := 0
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			return n
		}
		width += len(c.Value) + 2
	}
	if width < 72 {
		n.Style = yaml.FlowStyle
	}
	return n
}

func plainNode(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

// plain is a value without quotes, whatever it looks like: true, 0.80, 0xff01.
func plain(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: value}
	n.Tag = n.ShortTag() // what a reader takes it for
	return n
}

// textNode is text; the encoder quotes it where it looks like something else.
func textNode(s string) *yaml.Node { return plainNode("!!str", escape(s)) }
