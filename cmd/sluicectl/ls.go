package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// lsView is a switch as show prints it.
type lsView struct {
	Name    string                  `json:"name"`
	Kind    logical.SwitchKind      `json:"kind"`
	Key     logical.DatapathKey     `json:"key"`
	Network string                  `json:"network,omitempty"`
	VLAN    uint16                  `json:"vlan,omitempty"`
	Subnets []netip.Prefix          `json:"subnets"`
	Flood   logical.FloodPolicy     `json:"flood"`
	DHCP    *dhcpView               `json:"dhcp,omitempty"`
	DNS     map[string][]netip.Addr `json:"dns,omitempty"`
	Ports   []string                `json:"ports"`
}

// dhcpView is what a switch's ports are told. What is left out is the default.
type dhcpView struct {
	Router  string           `json:"router,omitempty"`
	DNS     []netip.Addr     `json:"dns,omitempty"`
	Domain  string           `json:"domain,omitempty"`
	MTU     uint16           `json:"mtu,omitempty"`
	Lease   uint32           `json:"lease,omitempty"`
	Options map[uint8]string `json:"options,omitempty"`
}

func viewSwitch(n *logical.Snapshot, s *logical.Switch) lsView {
	v := lsView{
		Name: s.Name, Kind: s.Kind, Key: n.SwitchKey(s), Network: s.Network, VLAN: s.VLAN, Subnets: listed(s.Subnets), Flood: s.Flood, Ports: []string{},
	}
	if d := s.DHCP; d.Enabled {
		v.DHCP = &dhcpView{DNS: d.DNS, Domain: d.Domain, MTU: d.MTU, Lease: d.Lease}
		if d.Router.IsValid() {
			v.DHCP.Router = d.Router.String()
		}
		for _, o := range d.Other {
			if v.DHCP.Options == nil {
				v.DHCP.Options = map[uint8]string{}
			}
			v.DHCP.Options[o.Code] = o.Value
		}
	}
	for _, r := range s.DNS {
		if v.DNS == nil {
			v.DNS = map[string][]netip.Addr{}
		}
		v.DNS[r.Name] = r.Addresses
	}
	for p := range n.PortsOf(s.ID) {
		v.Ports = append(v.Ports, p.Name)
	}
	slices.Sort(v.Ports)
	return v
}

func (a *app) lsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "ls", Short: "Logical switches: add, set, show, del",
		Long: `A logical switch is one Ethernet network for all ports that it has, on whichever
hosts they are. Its ports are the noun lsp; routers are linked to it with lr link.`,
	}
	c.AddCommand(a.lsAdd(), a.lsSet(), a.lsShow(), a.lsDel())
	return c
}

func (a *app) lsAdd() *cobra.Command {
	var f switchFlags
	var vlan string
	c := &cobra.Command{
		Use: "add SWITCH", Aliases: []string{"a"}, Short: "Make a logical switch", Args: cobra.ExactArgs(1),
		Long: `Makes a logical switch. By default tunnels carry it from host to host; with --vlan
it is a VLAN of a physical network that hosts reach through a bridge of theirs, and
no tunnel carries it. Tag 0 is untagged.

A subnet is for what the switch hands out and for check; addresses outside it work.
Nothing is flooded unless --flood all: ARP and ND are answered on the asking host.

Exit codes: 0 done, 2 usage, 4 there is a switch of that name.`,
		Example: "  sluicectl ls add web --subnet 10.1.0.0/24 --subnet fd00:1::/64\n  sluicectl ls add lab --vlan physnet1:120",
		RunE: func(c *cobra.Command, args []string) error {
			s := logical.Switch{Name: args[0]}
			if err := f.apply(c, &s); err != nil {
				return err
			}
			if err := onVLAN(&s, vlan); err != nil {
				return err
			}
			return a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
				if err := st.AddSwitch(ctx, s); err != nil {
					return err
				}
				return a.done("switch %s added", s.Name)
			})(c, args)
		},
	}
	f.flags(c)
	c.Flags().StringVar(&vlan, "vlan", "", "`PHYSNET:TAG`: a VLAN of a physical network, not an overlay")
	return c
}

func (a *app) lsSet() *cobra.Command {
	var f switchFlags
	c := &cobra.Command{
		Use: "set SWITCH", Short: "Change a logical switch", Args: cobra.ExactArgs(1), ValidArgsFunction: a.complete(ofKind(logical.KindSwitch)),
		Long: `Changes what the flags name and leaves the rest. A list is replaced as a whole; an
empty one ("") takes all of it away.

Exit codes: 0 done, 2 usage, 3 no such switch.`,
		Example: `  sluicectl ls set web --dhcp on --dhcp-dns 10.1.0.53 --dns db.web=10.1.0.7
  sluicectl ls set web --flood all
  sluicectl ls set web --dns ""`,
		RunE: func(c *cobra.Command, args []string) error {
			if !changed(c) {
				return usagef("ls set: nothing to change: name it with a flag\n  -> sluicectl ls set --help")
			}
			if err := f.apply(c, &logical.Switch{}); err != nil {
				return err
			}
			return a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
				if err := st.SetSwitch(ctx, args[0], func(s *logical.Switch) error { return f.apply(c, s) }); err != nil {
					return err
				}
				return a.done("switch %s changed", args[0])
			})(c, args)
		},
	}
	f.flags(c)
	return c
}

func (a *app) lsShow() *cobra.Command {
	return &cobra.Command{
		Use: "show [SWITCH]", Aliases: []string{"s", "list"}, Short: "Show logical switches", Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch)),
		Long: `Shows all switches, or one with what its ports are told. KEY is the number of the
switch in flows and, for an overlay, its VNI on the wire.

Exit codes: 0 done, 3 no such switch.`,
		Example: "  sluicectl ls show\n  sluicectl ls show web -o yaml",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			n, err := a.network(ctx, st)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.showSwitches(n)
			}
			s := n.SwitchByName(args[0])
			if s == nil {
				return &logical.MissingError{Kind: logical.KindSwitch, Name: args[0]}
			}
			return a.showSwitch(viewSwitch(n, s))
		}),
	}
}

func (a *app) showSwitches(n *logical.Snapshot) error {
	all := []lsView{}
	for s := range n.Switches() {
		all = append(all, viewSwitch(n, s))
	}
	slices.SortFunc(all, func(x, y lsView) int { return strings.Compare(x.Name, y.Name) })
	return a.table(all, "SWITCH\tKIND\tKEY\tSUBNETS\tFLOOD\tDHCP\tPORTS", func(row func(...any)) {
		for _, v := range all {
			row(v.Name, v.carrier(), v.Key, joined(v.Subnets), v.Flood, yesNo(v.DHCP != nil), len(v.Ports))
		}
	})
}

// carrier is what carries the switch: "overlay", "vlan physnet1:120".
func (v lsView) carrier() string {
	if v.Kind == logical.SwitchVLAN {
		return "vlan " + vlanText(v.Network, v.VLAN)
	}
	return string(v.Kind)
}

func (a *app) showSwitch(v lsView) error {
	return a.table(v, "FIELD\tVALUE", func(row func(...any)) {
		row("name", v.Name)
		row("kind", v.carrier())
		row("key", v.Key)
		row("subnets", joined(v.Subnets))
		row("flood", v.Flood)
		row("DHCP", yesNo(v.DHCP != nil))
		if d := v.DHCP; d != nil {
			row("DHCP router", orDash(d.Router))
			row("DHCP DNS", joined(d.DNS))
			row("DHCP domain", orDash(d.Domain))
			for _, code := range sortedKeys(d.Options) {
				row(fmt.Sprintf("DHCP option %d", code), d.Options[code])
			}
		}
		for _, name := range sortedKeys(v.DNS) {
			row("DNS "+name, joined(v.DNS[name]))
		}
		row("ports", orDash(strings.Join(v.Ports, ",")))
	})
}

func (a *app) lsDel() *cobra.Command {
	var recursive, yes bool
	c := &cobra.Command{
		Use: "del SWITCH", Aliases: []string{"d"}, Short: "Delete a logical switch", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitch)),
		Long: `Deletes a switch. While it has ports it is refused; with -r its ports go too, once
you said yes. Router ports that led to it stay and lead nowhere: check lists them.

Exit codes: 0 done, 2 no terminal to ask on and no --yes, 3 no such switch, 4 in use.`,
		Example: "  sluicectl ls del web\n  sluicectl ls del -r web --yes",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
			if recursive {
				if err := a.agreeSwitch(ctx, st, args[0], yes); err != nil {
					return err
				}
			}
			if err := st.DeleteSwitch(ctx, args[0], recursive); err != nil {
				return err
			}
			return a.done("switch %s deleted", args[0])
		}),
	}
	recursiveFlags(c, &recursive, &yes)
	return c
}

// agreeSwitch names what goes with a switch.
func (a *app) agreeSwitch(ctx context.Context, st *store.Client, name string, yes bool) error {
	if yes {
		return nil
	}
	n, err := a.network(ctx, st)
	if err != nil {
		return err
	}
	s := n.SwitchByName(name)
	if s == nil {
		return nil // the deletion says so
	}
	return a.agree(yes, "switch "+name, each("port ", viewSwitch(n, s).Ports))
}
