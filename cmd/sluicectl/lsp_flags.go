package main

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// portFlags are what add and set can say of a switch port.
type portFlags struct {
	kind      logical.PortKind
	security  onOff
	groups    []string
	host      string
	bridge    string
	network   string
	trunk     string
	tag       uint16
	rate      logical.Rate
	sampling  uint32
	addresses string
	mac       string
	// auto is whether addresses come from pools; pools names them, none = the switch's.
	auto  bool
	pools []string
}

// flags are those that both have.
func (f *portFlags) flags(c *cobra.Command) {
	flags := c.Flags()
	flags.Var(choice[onOff]{&f.security, []onOff{on, off}}, "security", "whether a guest may send from its own addresses only")
	flags.StringSliceVar(&f.groups, "group", nil, "security `GROUP` it is in; several: again, or with commas")
	flags.Uint32Var(&f.rate.FromPort, "rate-from", 0, "`KBIT/S` it may send; 0 is unlimited (kept; nothing carries it out yet)")
	flags.Uint32Var(&f.rate.ToPort, "rate-to", 0, "`KBIT/S` it may get; 0 is unlimited (kept; nothing carries it out yet)")
	flags.Uint32Var(&f.rate.Burst, "burst", 0, "`KBIT` beyond the rate at once; 0 is a tenth of a second's worth (as the rates)")
	flags.Uint32Var(&f.sampling, "sampling", 0, "IPFIX: one packet in so many, 1 to 65535, on hosts whose profile samples ports; 0 is the profile's number")
}

// idle names the flags that are kept in the store while nothing carries them out.
func (f *portFlags) idle() []string {
	var all []string
	for _, flag := range []struct {
		name  string
		value uint32
	}{{"--rate-from", f.rate.FromPort}, {"--rate-to", f.rate.ToPort}, {"--burst", f.rate.Burst}} {
		if flag.value != 0 {
			all = append(all, flag.name)
		}
	}
	return all
}

// mostSampling is the least probability that the action sample() holds, in 16 bits.
const mostSampling = 65535

// sampled refuses a sampling that no host can carry out.
func (f *portFlags) sampled() error {
	if f.sampling > mostSampling {
		return usagef("--sampling %d is out of range; valid: 1 to %d, or 0 for the profile's number", f.sampling, mostSampling)
	}
	return nil
}

// port is what add was told to make; references by name come with resolve.
func (f *portFlags) port(args []string) (logical.SwitchPort, error) {
	p := logical.SwitchPort{
		Name: args[1], Kind: f.kind, Peer: argument(args, 4), Host: f.host, Bridge: f.bridge, Network: f.network, Tag: f.tag,
		Rate: f.rate, Sampling: f.sampling,
	}
	err := f.sampled()
	if err != nil {
		return p, err
	}
	if text := argument(args, 2); text != "" && text != "-" {
		words := split(text)
		given := slices.DeleteFunc(words, func(w string) bool { return w == auto })
		f.auto = len(given) < len(split(text))
		if p.Addresses, err = parseAddrs("port "+p.Name, strings.Join(given, ",")); err != nil {
			return p, err
		}
	}
	f.auto = f.auto || len(f.pools) > 0
	if text := argument(args, 3); text != "" && text != "-" {
		if p.MAC, err = parseMAC("port "+p.Name, text); err != nil {
			return p, err
		}
	}
	if f.tag > 4094 {
		return p, usagef("--tag: %d is not in 1 to 4094", f.tag)
	}
	if f.bridge != "" {
		if err := configs.CheckBridgeName(f.bridge); err != nil {
			return p, usagef("--bridge: %v", err)
		}
	}
	outside := p.MAC == logical.OutsideMAC || slices.Contains(p.Addresses, logical.OutsideAddress)
	switch {
	case outside && (p.Host == "" || p.Bridge == ""):
		return p, usagef("port %s: its address makes it an outside port, which needs a host and a bridge\n  -> sluicectl patchport add %s %s HOST BRIDGE", p.Name, args[0], p.Name)
	case f.auto && (outside || p.Peer != "" || p.Kind == logical.PortUnknown || p.Kind == logical.PortLocalnet):
		return p, usagef("port %s: only a guest's port gets an address of a pool", p.Name)
	case (p.Kind == "" || p.Kind == logical.PortGuest) && !outside && !f.auto && p.MAC.IsZero() && len(p.Addresses) == 0:
		return p, usagef("port %s: a guest has an IP or a MAC, unless --kind unknown\n  -> sluicectl lsp add %s %s IP, or auto where the switch has a pool", p.Name, args[0], p.Name)
	case p.Kind != logical.PortUnknown && p.Kind != logical.PortLocalnet && !outside && p.Peer == "":
		p.Security = f.security == on
	}
	slices.SortFunc(p.Addresses, netip.Addr.Compare)
	return p, nil
}

// resolve looks up what the flags name.
func (f *portFlags) resolve(ctx context.Context, st *store.Client, p *logical.SwitchPort) error {
	if len(f.groups) == 0 && f.trunk == "" {
		return nil
	}
	wanted := []store.Wanted{}
	for _, name := range f.groups {
		wanted = append(wanted, store.Wanted{Kind: logical.KindSecurityGroup, Name: name})
	}
	if f.trunk != "" {
		wanted = append(wanted, store.Wanted{Kind: logical.KindSwitchPort, Name: f.trunk})
	}
	n, err := st.Find(ctx, wanted...)
	if err != nil {
		return err
	}
	for _, name := range f.groups {
		g := n.SecurityGroupByName(name)
		if g == nil {
			return &logical.MissingError{Kind: logical.KindSecurityGroup, Name: name}
		}
		p.Groups = append(p.Groups, g.ID)
	}
	if f.trunk != "" {
		t := n.PortByName(f.trunk)
		if t == nil {
			return &logical.MissingError{Kind: logical.KindSwitchPort, Name: f.trunk}
		}
		p.Trunk = t.ID
	}
	return nil
}

// apply sets what set was told to.
func (f *portFlags) apply(c *cobra.Command, p *logical.SwitchPort) error {
	given := c.Flags().Changed
	var err error
	if given("address") {
		if p.Addresses, err = parseAddrs("--address", f.addresses); err != nil {
			return err
		}
		slices.SortFunc(p.Addresses, netip.Addr.Compare)
	}
	if given("mac") {
		if p.MAC, err = parseMAC("--mac", f.mac); err != nil {
			return err
		}
	}
	if given("security") {
		p.Security = f.security == on
	}
	for flag, to := range map[string][2]*uint32{
		"rate-from": {&p.Rate.FromPort, &f.rate.FromPort}, "rate-to": {&p.Rate.ToPort, &f.rate.ToPort},
		"burst": {&p.Rate.Burst, &f.rate.Burst}, "sampling": {&p.Sampling, &f.sampling},
	} {
		if given(flag) {
			*to[0] = *to[1]
		}
	}
	return nil
}
