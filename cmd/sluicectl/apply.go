package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

// applyFlags are those of host apply.
type applyFlags struct {
	file  string
	req   api.ApplyRequest
	yes   bool
	alone standalone
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	c := &cobra.Command{
		Use: "apply", Short: "Perform the plan: what the daemon does not do by itself", Args: cobra.NoArgs,
		Long: `Shows the plan and, once you said yes, performs all of it: changes that re-create
PMD threads or stop ports too. With -f the file is checked, installed as the
daemon's profile (the former stays beside it as .former) and performed.
Take-overs need --take-over; what needs a restart of ovs-vswitchd is written and
takes effect when you restart it.

--atomic refuses a plan with a one-way or restart-needed change, and writes
everything back, once, when OVS refuses something.

Exit codes: 0 done, 1 failed, 2 usage, 3 no such file, 4 refused, by a
finding, the guard or OVS.`,
		Example: "  sluicectl host apply\n  sluicectl host apply -f new.yaml --atomic\n  sluicectl host apply --take-over --yes",
		RunE:    func(c *cobra.Command, _ []string) error { return a.apply(c.Context(), f) },
	}
	flags := c.Flags()
	flags.StringVarP(&f.file, "file", "f", "", "profile to install and perform, - for standard input; default: the daemon's own")
	flags.BoolVar(&f.req.TakeOver, "take-over", false, "claim and replace what somebody else set")
	flags.BoolVar(&f.req.Atomic, "atomic", false, "all or nothing")
	flags.BoolVar(&f.req.Force, "force", false, "delete more ports than the guard allows")
	flags.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	f.alone.flags(c)
	return c
}

func (a *app) apply(ctx context.Context, f applyFlags) error {
	want, err := a.request(f.file, "")
	if err != nil {
		return err
	}
	f.req.Profile, f.req.Name = want.Profile, want.Name
	daemon, end, err := a.backend(ctx, f.alone)
	if err != nil {
		return err
	}
	defer end()
	if err := a.agreed(ctx, daemon, want, f); err != nil {
		return err
	}
	result, err := daemon.Apply(ctx, f.req, func(line string) { fmt.Fprintln(a.stderr, api.Printable(line)) })
	if err != nil {
		return err
	}
	if err := a.print(result, func() error { return a.applied(result) }); err != nil {
		return err
	}
	if len(result.Refused) > 0 {
		return &codeError{code: exitConflict}
	}
	return nil
}

// agreed shows the plan and asks, unless --yes said so already.
func (a *app) agreed(ctx context.Context, daemon api.Backend, want api.PlanRequest, f applyFlags) error {
	asking, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	p, err := daemon.Plan(asking, want)
	if err != nil {
		return err
	}
	if a.output == outputTable {
		if err := p.WriteText(a.stdout, a.text()); err != nil {
			return err
		}
	}
	if p.Refused {
		return &codeError{exitConflict, "the profile is refused; nothing was changed"}
	}
	disruptive := len(p.Disruptive(f.req.TakeOver))
	if f.yes || disruptive == 0 {
		return nil
	}
	if !a.terminal(a.stdin) {
		return usagef("%s: say --yes, there is no terminal to ask on", disturbing(disruptive))
	}
	fmt.Fprintf(a.stderr, "\nPerform it? %s. [y/N] ", disturbing(disruptive))
	return a.confirmed()
}

func disturbing(changes int) string {
	if changes == 1 {
		return "1 change disturbs packets or takes something over"
	}
	return fmt.Sprintf("%d changes disturb packets or take something over", changes)
}

// confirmed reads an answer: yes goes on, everything else ends the call.
func (a *app) confirmed() error {
	answer, _ := bufio.NewReader(a.stdin).ReadString('\n') // no answer is no
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &codeError{exitFailed, "nothing was changed"}
}

// applied says what became of an apply.
func (a *app) applied(r api.Result) error {
	if r.Profile != "" {
		fmt.Fprintf(a.stdout, "installed as %s, the former beside it as %s.former\n", r.Profile, r.Profile)
	}
	fmt.Fprintf(a.stdout, "%d changes made in %s\n", r.Made, r.Duration.Round(time.Millisecond))
	for _, line := range r.Refused {
		fmt.Fprintf(a.stdout, "REFUSED  %s\n", api.Printable(line))
	}
	if len(r.RolledBack) > 0 {
		fmt.Fprintln(a.stdout, "\nwritten back:")
	}
	for _, line := range r.RolledBack {
		fmt.Fprintf(a.stdout, "  %s\n", api.Printable(line))
	}
	if len(r.Pending) == 0 {
		return nil
	}
	fmt.Fprintln(a.stdout, "\nstill waiting:")
	return api.WriteChanges(a.stdout, r.Pending, a.text())
}
