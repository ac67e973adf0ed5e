package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// namesOf are the names of all entities of a kind, ascending.
func namesOf(n *logical.Snapshot, k logical.Kind) []string {
	var names []string
	for e := range n.All() {
		if e.Ref().Kind == k {
			names = append(names, logical.Name(e))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// candidates are the names that may stand at a place, given what stands before it.
type candidates func(n *logical.Snapshot, args []string) []string

func ofKind(k logical.Kind) candidates {
	return func(n *logical.Snapshot, _ []string) []string { return namesOf(n, k) }
}

// portsOfFirst are the ports of the switch that the first argument names.
func portsOfFirst(n *logical.Snapshot, args []string) []string {
	var names []string
	if s := n.SwitchByName(args[0]); s != nil {
		for p := range n.PortsOf(s.ID) {
			names = append(names, p.Name)
		}
	}
	return names
}

// routerPortsOfFirst are the ports of the router that the first argument names.
func routerPortsOfFirst(n *logical.Snapshot, args []string) []string {
	var names []string
	if r := n.RouterByName(args[0]); r != nil {
		for p := range n.RouterPortsOf(r.ID) {
			names = append(names, p.Name)
		}
	}
	return names
}

// routesOfFirst are the routes of the router that the first argument names.
func routesOfFirst(n *logical.Snapshot, args []string) []string {
	var names []string
	if r := n.RouterByName(args[0]); r != nil {
		for route := range n.RoutesOf(r.ID) {
			names = append(names, route.Name)
		}
	}
	return names
}

type completion = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// complete completes arguments by asking the store: the first by the first of the
// candidates, and so on; nil ones are the operator's own words.
func (a *app) complete(places ...candidates) completion {
	return func(c *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		const none = cobra.ShellCompDirectiveNoFileComp
		if len(args) >= len(places) || places[len(args)] == nil {
			return nil, none
		}
		at, err := a.place()
		if err != nil {
			return nil, none
		}
		s, err := store.New(at.options)
		if err != nil {
			return nil, none
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(c.Context(), min(a.timeout, completing))
		defer cancel()
		n, _, err := s.Load(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		names := places[len(args)](n, args)
		names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, prefix) })
		slices.Sort(names)
		return names, none
	}
}
