package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// candidates are the names that may stand at a place, given what stands before it.
type candidates func(ctx context.Context, s *store.Client, args []string) ([]string, error)

func ofKind(k logical.Kind) candidates {
	return func(ctx context.Context, s *store.Client, _ []string) ([]string, error) { return s.Names(ctx, k, "") }
}

// inFirst are those that the switch or router has that the first argument names.
func inFirst(k logical.Kind) candidates {
	return func(ctx context.Context, s *store.Client, args []string) ([]string, error) {
		return s.Names(ctx, k, args[0])
	}
}

var (
	poolsOfFirst       = inFirst(logical.KindPool)
	portsOfFirst       = inFirst(logical.KindSwitchPort)
	routerPortsOfFirst = inFirst(logical.KindRouterPort)
	routesOfFirst      = inFirst(logical.KindRoute)
)

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
		names, err := places[len(args)](ctx, s, args)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, prefix) })
		return names, none
	}
}
