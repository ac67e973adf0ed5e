package configs

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/pmd"
)

// cpuList is a set of CPUs in Linux list syntax; empty = none.
type cpuList struct{ cpuset.Set }

// UnmarshalText reads a CPU list.
func (c *cpuList) UnmarshalText(text []byte) error {
	if t := strings.ToLower(string(text)); strings.HasPrefix(t, "0x") {
		if set, err := cpuset.ParseMask(t); err == nil {
			return fmt.Errorf("%q is a mask; CPUs are listed here: write %q", text, set)
		}
	}
	set, err := cpuset.Parse(string(text))
	if err != nil {
		return fmt.Errorf("%w; write for instance \"0,2-5\"", err)
	}
	c.Set = set
	return nil
}

// MarshalText writes the set as a list.
func (c cpuList) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// autoList is a CPU list or auto.
type autoList struct{ cpuset.Set }

// UnmarshalText reads auto (the empty set) or a CPU list that is not empty.
func (c *autoList) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		c.Set = cpuset.Set{}
		return nil
	}
	set, err := someCPUs(string(text))
	if err != nil {
		return fmt.Errorf("%w or auto", err)
	}
	c.Set = set
	return nil
}

// someCPUs reads a CPU list that is not empty.
func someCPUs(text string) (cpuset.Set, error) {
	var list cpuList
	if err := list.UnmarshalText([]byte(text)); err != nil {
		return cpuset.Set{}, err
	}
	if list.IsEmpty() {
		return cpuset.Set{}, errors.New("names no CPU; write for instance \"0,2-5\"")
	}
	return list.Set, nil
}

// MarshalText writes the set as a list.
func (c autoList) MarshalText() ([]byte, error) {
	if c.IsEmpty() {
		return []byte("auto"), nil
	}
	return []byte(c.String()), nil
}

// cores is a CPU list, auto, or {perNode: N}.
type cores struct{ pmd.CoreSpec }

// rawPerNode is the mapping shape of cores.
type rawPerNode struct {
	// Physical cores of each NUMA node, with their siblings.
	PerNode int `yaml:"perNode" jsonschema:"required,minimum=1,maximum=512" example:"2"`
}

func (c *cores) readNode(d *decoder, n *yaml.Node, path string) {
	if n.Kind == yaml.MappingNode {
		var raw rawPerNode
		d.mapping(n, reflect.ValueOf(&raw).Elem(), path)
		c.CoreSpec = pmd.CoreSpec{PerNode: raw.PerNode}
		return
	}
	if n.Kind == yaml.SequenceNode {
		d.say(n.Line, path, "is a list; CPUs are written as text: \"0,2-5\", auto or {perNode: 2}")
		return
	}
	text, _, ok := d.scalar(n, path)
	if !ok {
		return
	}
	if text == "auto" {
		c.CoreSpec = pmd.CoreSpec{Auto: true}
		return
	}
	set, err := someCPUs(text)
	if err != nil {
		d.sayValue(n, path, fmt.Errorf("%w, auto or {perNode: 2}", err))
	}
	c.CoreSpec = pmd.CoreSpec{Set: set}
}

func (c cores) node() *yaml.Node {
	switch {
	case c.Auto:
		return textNode("auto")
	case c.PerNode > 0:
		return &yaml.Node{
			Kind: yaml.MappingNode, Style: yaml.FlowStyle,
			Content: []*yaml.Node{textNode("perNode"), plainNode("!!int", strconv.Itoa(c.PerNode))},
		}
	default:
		return textNode(c.Set.String())
	}
}
