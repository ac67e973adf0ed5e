package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// choice is a flag that takes one of some words.
type choice[T ~string] struct {
	value *T
	of    []T
}

func (c choice[T]) String() string {
	if c.value == nil {
		return ""
	}
	return string(*c.value)
}

// Type lists the words in help texts.
func (c choice[T]) Type() string {
	words := make([]string, len(c.of))
	for i, w := range c.of {
		words[i] = string(w)
	}
	return strings.Join(words, "|")
}

// Set takes one of the words.
func (c choice[T]) Set(text string) error {
	for _, w := range c.of {
		if string(w) == text {
			*c.value = w
			return nil
		}
	}
	return fmt.Errorf("%q is none of %s", text, strings.ReplaceAll(c.Type(), "|", ", "))
}

// onOff is a switch of a port or a network.
type onOff string

const (
	on  onOff = "on"
	off onOff = "off"
)

func parseAddr(what, text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return a, usagef("%s: %q is no address: write it as 10.0.0.2 or fd00::2", what, text)
	}
	return a.Unmap(), nil
}

// parseAddrs reads addresses with commas between them; empty text has none.
func parseAddrs(what, text string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, word := range split(text) {
		a, err := parseAddr(what, word)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// parseCIDR reads an address with the length of its network.
func parseCIDR(what, text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err == nil {
		return p, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return p, usagef("%s: %s lacks the length of its network: write %s/%d", what, text, text, a.BitLen()*3/4)
	}
	return p, usagef("%s: %q is no CIDR: write it as 10.0.0.1/24 or fd00::1/64", what, text)
}

// parseCIDRs reads several with commas between them, and puts them in order.
func parseCIDRs(what, text string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, word := range split(text) {
		p, err := parseCIDR(what, word)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	slices.SortFunc(all, netip.Prefix.Compare)
	return all, nil
}

// parseNetwork reads a network: no bits beyond its length.
func parseNetwork(what, text string) (netip.Prefix, error) {
	p, err := parseCIDR(what, text)
	if err == nil && p != p.Masked() {
		return p, usagef("%s: %s is an address in the network %s: name the network", what, p, p.Masked())
	}
	return p, err
}

func parseMAC(what, text string) (logical.MAC, error) {
	m, err := logical.ParseMAC(text)
	if err != nil {
		return m, usagef("%s: %v", what, err)
	}
	if m.IsZero() { // which would read as "give it one of its address"
		return m, usagef("%s: %s is no port's MAC: write it as 02:00:00:00:00:01, or leave it out", what, m)
	}
	return m, nil
}

// split cuts at commas; nothing has no parts.
func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// argument is the argument at a place, "" where there is none.
func argument(args []string, place int) string {
	if place < len(args) {
		return args[place]
	}
	return ""
}

// joined are values with commas between them, "-" where there are none.
func joined[T fmt.Stringer](all []T) string {
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = v.String()
	}
	return orDash(strings.Join(words, ","))
}

// listed is never null in JSON.
func listed[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
