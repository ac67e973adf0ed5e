package main

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// switchFlags are what add and set can say of a switch.
type switchFlags struct {
	subnets []string
	flood   logical.FloodPolicy
	dhcp    onOff
	router  string
	servers string
	domain  string
	mtu     uint16
	lease   uint32
	options []string
	dns     []string
}

func (f *switchFlags) flags(c *cobra.Command) {
	flags := c.Flags()
	flags.StringSliceVar(&f.subnets, "subnet", nil, "`CIDR` of the switch; several: again, or with commas")
	flags.Var(choice[logical.FloodPolicy]{&f.flood, []logical.FloodPolicy{logical.FloodNone, logical.FloodAll}}, "flood",
		"what becomes of packets for all and for unknown receivers: dropped, or one copy\nto each host that has a port (default none)")
	flags.Var(choice[onOff]{&f.dhcp, []onOff{on, off}}, "dhcp", "whether DHCP is answered (default off)")
	flags.StringVar(&f.router, "dhcp-router", "", "`ADDRESS` of the gateway (default: the router port on the switch)")
	flags.StringVar(&f.servers, "dhcp-dns", "", "`ADDRESSES` of DNS servers, with commas")
	flags.StringVar(&f.domain, "dhcp-domain", "", "`NAME` to complete host names with")
	flags.Uint16Var(&f.mtu, "dhcp-mtu", 0, "MTU in `BYTES`; 0 tells none")
	flags.Uint32Var(&f.lease, "dhcp-lease", 0, "`SECONDS` an address is lent for; 0 is an hour")
	flags.StringSliceVar(&f.options, "dhcp-option", nil, "`NUMBER=HEX` that IPv4 guests are told too, or instead: 121=10ac100a000101\nis a route to 172.16.0.0/16 by 10.0.1.1; several: again, or with commas")
	flags.StringSliceVar(&f.dns, "dns", nil, "`NAME=ADDRESS[+ADDRESS]` that ports of the switch can ask for; several: again, or with commas")
}

// apply sets what was named.
func (f *switchFlags) apply(c *cobra.Command, s *logical.Switch) error {
	var err error
	for _, given := range []struct {
		flag string
		set  func() error
	}{
		{"subnet", func() error {
			s.Subnets = nil
			for _, text := range f.subnets {
				p, err := parseNetwork("--subnet", text)
				if err != nil {
					return err
				}
				s.Subnets = append(s.Subnets, p)
			}
			return nil
		}},
		{"flood", func() error { s.Flood = f.flood; return nil }},
		{"dhcp", func() error { s.DHCP.Enabled = f.dhcp == on; return nil }},
		{"dhcp-dns", func() error { s.DHCP.DNS, err = parseAddrs("--dhcp-dns", f.servers); return err }},
		{"dhcp-mtu", func() error { s.DHCP.MTU = f.mtu; return nil }},
		{"dhcp-lease", func() error { s.DHCP.Lease = f.lease; return nil }},
		{"dhcp-option", func() error { s.DHCP.Other, err = dhcpOptions(f.options); return err }},
		{"dhcp-domain", func() error { s.DHCP.Domain = f.domain; return nil }},
		{"dhcp-router", func() error {
			if f.router == "" {
				s.DHCP.Router = logical.DHCP{}.Router
				return nil
			}
			s.DHCP.Router, err = parseAddr("--dhcp-router", f.router)
			return err
		}},
		{"dns", func() error { s.DNS, err = records(f.dns); return err }},
	} {
		if c.Flags().Changed(given.flag) {
			if err := given.set(); err != nil {
				return err
			}
		}
	}
	return nil
}

// dhcpOptions reads NUMBER=HEX; of two with one number the later counts.
func dhcpOptions(all []string) ([]logical.DHCPOption, error) {
	values := map[uint8]string{}
	for _, text := range all {
		number, value, ok := strings.Cut(text, "=")
		n, err := strconv.ParseUint(number, 10, 8)
		if !ok || err != nil {
			return nil, usagef("--dhcp-option: %q: write NUMBER=HEX, the number from 1 to 254", text)
		}
		values[uint8(n)] = strings.ToLower(value)
	}
	var out []logical.DHCPOption
	for _, code := range sortedKeys(values) {
		out = append(out, logical.DHCPOption{Code: code, Value: values[code]})
	}
	return out, nil
}

// records reads NAME=ADDRESS+ADDRESS.
func records(all []string) ([]logical.DNSRecord, error) {
	var out []logical.DNSRecord
	for _, text := range all {
		name, addresses, ok := strings.Cut(text, "=")
		if !ok || addresses == "" {
			return nil, usagef("--dns: %q: write NAME=ADDRESS", text)
		}
		found, err := parseAddrs("--dns "+name, strings.ReplaceAll(addresses, "+", ","))
		if err != nil {
			return nil, err
		}
		out = append(out, logical.DNSRecord{Name: name, Addresses: found})
	}
	slices.SortFunc(out, func(a, b logical.DNSRecord) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// onVLAN makes a switch a VLAN of a physical network: PHYSNET:TAG.
func onVLAN(s *logical.Switch, text string) error {
	if text == "" {
		return nil
	}
	i := strings.LastIndexByte(text, ':')
	tag, err := strconv.ParseUint(text[i+1:], 10, 16)
	if i <= 0 || err != nil || tag > 4094 {
		return usagef("--vlan: %q: write PHYSNET:TAG, the tag from 0 (untagged) to 4094", text)
	}
	s.Kind, s.Network, s.VLAN = logical.SwitchVLAN, text[:i], uint16(tag)
	return nil
}

func vlanText(network string, tag uint16) string { return network + ":" + strconv.Itoa(int(tag)) }

// changed says whether any flag of the command itself was given.
func changed(c *cobra.Command) bool {
	is := false
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { is = is || f.Changed })
	return is
}

// recursiveFlags are those of a deletion that may take others with it.
func recursiveFlags(c *cobra.Command, recursive, yes *bool) {
	c.Flags().BoolVarP(recursive, "recursive", "r", false, "delete what belongs to it too")
	c.Flags().BoolVarP(yes, "yes", "y", false, "do not ask")
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

func each(word string, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = word + name
	}
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
