package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// heardOf is how lately a member was heard of that is taken for alive.
const heardOf = 5 * time.Second

func (a *app) storeLeave() *cobra.Command {
	var dry, yes bool
	c := &cobra.Command{
		Use: "leave [MEMBER]", Short: "Take this machine, or a dead member, out of a fleet's store", Args: cobra.MaximumNArgs(1),
		Long: `Without MEMBER: takes this machine out of the cluster, waits until the others
agreed, and stops its unit. Its database is of no use any more and is set aside.

With MEMBER, the address or the id that store status shows: takes a member out that
is gone for good, so that it no longer counts. One that is alive leaves by itself.

Both need a majority of the members. Run it as root, on a member.

Exit codes: 0 done, 1 failed, 2 no terminal to ask on and no --yes, 3 no such
member, 4 refused as things are.`,
		Example: "  sluicectl store leave --dry-run\n  sluicectl store leave ssl:10.0.0.3:6644",
		RunE: func(c *cobra.Command, args []string) error {
			ctx, cancel := a.asking(c)
			defer cancel()
			raft, err := store.Raft(ctx, a.memberControl())
			if err != nil {
				return api.Unavailable("this machine's member of the store does not answer: %w", err).WithFix("be root on a member that is up: systemctl status %s", memberUnit)
			}
			if raft.Status != store.MemberWell || raft.Leader == "unknown" {
				return api.Conflict("no majority of the members is up (%s): nobody can leave", raft.Status).WithFix("start the others; sluicectl store status")
			}
			if len(args) > 0 {
				return a.expel(ctx, raft, args[0], dry, yes)
			}
			return a.leave(ctx, raft, dry, yes)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only print what would be done")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (a *app) leave(ctx context.Context, raft *store.RaftStatus, dry, yes bool) error {
	if len(raft.Servers) < 2 {
		return api.Conflict("this is the only member: the store would be gone").WithFix("let another join first; or save it (sluicectl store backup FILE) and stop %s", memberUnit)
	}
	if err := stands(upBeside(ctx, raft.Servers), len(raft.Servers)-1); err != nil {
		return err
	}
	aside := fmt.Sprintf("%s.left-%s", memberDB, a.now().UTC().Format("20060102-150405"))
	steps := []step{
		{words: "leave the cluster: " + left(len(raft.Servers)-1), stays: true, do: func(ctx context.Context) error { return store.LeaveCluster(ctx, a.memberControl()) }},
		{words: "run systemctl disable --now " + memberUnit, stays: true, do: func(ctx context.Context) error {
			return a.tool(ctx, "systemctl", "disable", "--now", memberUnit)
		}},
		{words: "set the database aside as " + aside, stays: true, do: func(context.Context) error {
			return os.Rename(a.path(memberDB), a.path(aside))
		}},
		{words: "delete " + memberEnv, stays: true, do: func(context.Context) error { return unlessAbsent(os.Remove(a.path(memberEnv))) }},
	}
	if !dry {
		if err := a.sure(yes, "This machine leaves the store: "+left(len(raft.Servers)-1)); err != nil {
			return err
		}
	}
	return a.take(ctx, dry, steps)
}

func (a *app) expel(ctx context.Context, raft *store.RaftStatus, name string, dry, yes bool) error {
	i := slices.IndexFunc(raft.Servers, func(s store.RaftServer) bool { return s.Address == name || s.ID == name })
	if i < 0 {
		var all []string
		for _, s := range raft.Servers {
			all = append(all, s.Address)
		}
		return api.NotFound("the store has no member %s", name).WithFix("it has %s", strings.Join(all, ", "))
	}
	m := raft.Servers[i]
	switch {
	case m.Self:
		return api.Conflict("%s is this machine", name).WithFix("sluicectl store leave")
	case m.Silent >= 0 && m.Silent < heardOf && raft.Role == "leader":
		return api.Conflict("member %s is alive: it was heard of %s ago", m.Address, m.Silent.Round(time.Millisecond)).WithFix("run there: sluicectl store leave")
	case reached(ctx, []string{m.Address}) == nil:
		return api.Conflict("member %s is alive: it answers", m.Address).WithFix("run there: sluicectl store leave")
	}
	if err := stands(1+upBeside(ctx, raft.Servers), len(raft.Servers)-1); err != nil {
		return err
	}
	words := fmt.Sprintf("take member %s (%s) out: %s", m.ID, m.Address, left(len(raft.Servers)-1))
	if !dry {
		if err := a.sure(yes, "T"+words[1:]); err != nil {
			return err
		}
	}
	return a.take(ctx, dry, []step{{words: words, stays: true, do: func(ctx context.Context) error {
		return store.ExpelMember(ctx, a.memberControl(), m.ID)
	}}})
}

// upBeside counts the members beside this one that answer at their address: a follower
// hears of the leader alone.
func upBeside(ctx context.Context, servers []store.RaftServer) int {
	n := 0
	for _, s := range servers {
		if !s.Self && reached(ctx, []string{s.Address}) == nil {
			n++
		}
	}
	return n
}

// stands refuses what would leave the store without a majority that is up.
func stands(up, members int) error {
	if 2*up > members {
		return nil
	}
	return api.Conflict("of the %d members that would remain only %d are up: the store would be gone", members, up).
		WithFix("start the others first, or take those that are gone for good out: sluicectl store leave ADDRESS")
}

// left says what remains, and what that is worth.
func left(n int) string {
	switch n {
	case 1:
		return "1 member remains, and no copy of it"
	case 2:
		return "2 members remain, and both have to be up"
	}
	return fmt.Sprintf("%d members remain, %d of them may be lost", n, (n-1)/2)
}

// sure asks, unless --yes said so.
func (a *app) sure(yes bool, what string) error {
	if yes {
		return nil
	}
	if !a.terminal(a.stdin) {
		return usagef("%s: say --yes, there is no terminal to ask on", what)
	}
	fmt.Fprintf(a.stderr, "%s. Do it? [y/N] ", api.Printable(what))
	return a.confirmed()
}
