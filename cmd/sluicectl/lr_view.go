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

// lrView is a router as show prints it.
type lrView struct {
	Name   string              `json:"name"`
	Key    logical.DatapathKey `json:"key"`
	Hosts  []string            `json:"hosts"`
	TTL    logical.TTLMode     `json:"ttl"`
	ECMP   logical.ECMPMode    `json:"ecmp"`
	Egress logical.Egress      `json:"egress"`
	Ports  []lrpView           `json:"ports"`
	Routes []lsrView           `json:"routes"`
}

// lrpView is a router port as show prints it.
type lrpView struct {
	Name     string          `json:"name"`
	Key      logical.PortKey `json:"key"`
	Networks []netip.Prefix  `json:"networks"`
	MAC      logical.MAC     `json:"mac"`
	Peer     string          `json:"peer,omitempty"`
	Switch   string          `json:"switch,omitempty"` // that the peer is a port of
	MTU      uint16          `json:"mtu,omitempty"`
}

// lsrView is a static route as show prints it.
type lsrView struct {
	Name      string           `json:"name"`
	Prefix    netip.Prefix     `json:"prefix"`
	NextHop   string           `json:"nextHop,omitempty"`
	OutPort   string           `json:"outPort,omitempty"`
	Blackhole bool             `json:"blackhole,omitempty"`
	ECMP      logical.ECMPMode `json:"ecmp,omitempty"`
}

func viewRouter(n *logical.Snapshot, r *logical.Router) lrView {
	v := lrView{
		Name: r.Name, Key: n.RouterKey(r), Hosts: listed(r.Hosts), TTL: r.TTL, ECMP: r.ECMP, Egress: r.Egress, Ports: []lrpView{}, Routes: []lsrView{},
	}
	for p := range n.RouterPortsOf(r.ID) {
		v.Ports = append(v.Ports, viewRouterPort(n, p))
	}
	for route := range n.RoutesOf(r.ID) {
		v.Routes = append(v.Routes, viewRoute(n, route))
	}
	slices.SortFunc(v.Ports, func(x, y lrpView) int { return strings.Compare(x.Name, y.Name) })
	slices.SortFunc(v.Routes, func(x, y lsrView) int { return strings.Compare(x.Name, y.Name) })
	return v
}

func viewRouterPort(n *logical.Snapshot, p *logical.RouterPort) lrpView {
	v := lrpView{Name: p.Name, Key: p.Key, Networks: listed(p.Networks), MAC: p.MAC, Peer: p.Peer, MTU: p.MTU}
	if sp := n.SwitchPortOf(p); sp != nil {
		if s := n.Switch(sp.Switch); s != nil {
			v.Switch = s.Name
		}
	}
	return v
}

func viewRoute(n *logical.Snapshot, r *logical.Route) lsrView {
	v := lsrView{Name: r.Name, Prefix: r.Prefix, Blackhole: r.Blackhole, ECMP: r.ECMP}
	if r.NextHop.IsValid() {
		v.NextHop = r.NextHop.String()
	}
	if p := n.RouterPort(r.OutPort); p != nil {
		v.OutPort = p.Name
	}
	return v
}

// parts are what goes with a router.
func (v lrView) parts() []string {
	var all []string
	for _, p := range v.Ports {
		all = append(all, "port "+p.Name)
		if p.Switch != "" {
			all = append(all, "port "+p.Peer)
		}
	}
	for _, r := range v.Routes {
		all = append(all, "route "+r.Name)
	}
	return all
}

func (a *app) showRouter(v lrView) error {
	return a.print(v, func() error {
		err := a.table(v, "FIELD\tVALUE", func(row func(...any)) {
			row("name", v.Name)
			row("key", v.Key)
			row("hosts", orDash(strings.Join(v.Hosts, ",")))
			row("TTL", v.TTL)
			row("ECMP", v.ECMP)
			row("egress", v.Egress)
		})
		if err != nil || len(v.Ports) == 0 {
			return err
		}
		if err := a.write([]byte("\n")); err != nil {
			return err
		}
		if err := a.showRouterPorts(v.Ports); err != nil || len(v.Routes) == 0 {
			return err
		}
		if err := a.write([]byte("\n")); err != nil {
			return err
		}
		return a.showRoutes(v.Routes)
	})
}

func (a *app) showRouterPorts(all []lrpView) error {
	return a.table(all, "PORT\tKEY\tNETWORKS\tMAC\tPEER\tSWITCH", func(row func(...any)) {
		for _, p := range all {
			row(p.Name, p.Key, joined(p.Networks), p.MAC, orDash(p.Peer), orDash(p.Switch))
		}
	})
}

func (a *app) showRoutes(all []lsrView) error {
	return a.table(all, "ROUTE\tPREFIX\tNEXT HOP\tOUT PORT\tECMP", func(row func(...any)) {
		for _, r := range all {
			hop := orDash(r.NextHop)
			if r.Blackhole {
				hop = blackhole
			}
			row(r.Name, r.Prefix, hop, orDash(r.OutPort), orDash(string(r.ECMP)))
		}
	})
}

// showOfRouter shows what a router has of a kind, or the one that a second argument names.
func showOfRouter[V any](a *app, kind logical.Kind, of func(lrView) []V, name func(V) string, show func([]V) error) func(*cobra.Command, []string) error {
	return a.onStore(func(ctx context.Context, st *store.Client, args []string) error {
		n, err := a.network(ctx, st)
		if err != nil {
			return err
		}
		r := n.RouterByName(args[0])
		if r == nil {
			return &logical.MissingError{Kind: logical.KindRouter, Name: args[0]}
		}
		all := of(viewRouter(n, r))
		if len(args) == 1 {
			return show(all)
		}
		for _, v := range all {
			if name(v) == args[1] {
				return a.print(v, func() error { return show([]V{v}) })
			}
		}
		return fmt.Errorf("router %s: %w", args[0], &logical.MissingError{Kind: kind, Name: args[1], In: r.Name})
	})
}
