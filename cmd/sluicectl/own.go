package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

func (a *app) adoptCommand() *cobra.Command {
	var req api.AdoptRequest
	var file string
	c := &cobra.Command{
		Use: "adopt", Short: "Describe the running host as a profile, and own what it names", Args: cobra.NoArgs,
		Long: `Writes the profile that describes this host's Open vSwitch as it is, installs it
as the daemon's profile (a former one stays beside it) and marks what it names
as owned. No setting changes; no packet meets it. What a profile cannot say is
listed and left alone. The profile is printed, or written to a file that must
not be there yet.

Exit codes: 0 done, 1 failed, 4 refused, or the file is there.`,
		Example: "  sluicectl host adopt --dry-run\n  sluicectl host adopt --write host.yaml",
		RunE:    func(c *cobra.Command, _ []string) error { return a.adopt(c.Context(), req, file) },
	}
	c.Flags().BoolVar(&req.DryRun, "dry-run", false, "only print the profile and what would be owned")
	c.Flags().StringVar(&file, "write", "", "write the profile to this new file instead of printing it")
	return c
}

func (a *app) adopt(ctx context.Context, req api.AdoptRequest, file string) (err error) {
	out := a.stdout
	if file != "" {
		// Before anything is claimed: a name that cannot be written changes nothing.
		f, openErr := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(openErr, fs.ErrExist) {
			return &codeError{exitConflict, file + " is there already: move it away, or write to another name"}
		}
		if openErr != nil {
			return usagef("%v", openErr)
		}
		defer func() {
			err = errors.Join(err, f.Close())
			if err != nil {
				_ = os.Remove(file) // made above, and not complete
			}
		}()
		out = f
	}
	r, err := a.client().Adopt(ctx, req)
	if err != nil {
		return err
	}
	if a.output != outputTable && file == "" {
		return a.print(r, nil)
	}
	if _, err := fmt.Fprint(out, r.Profile); err != nil {
		return err
	}
	for _, line := range r.Left {
		fmt.Fprintf(a.stderr, "left alone: %s\n", api.Printable(line))
	}
	if r.Installed == "" {
		fmt.Fprintf(a.stderr, "would be owned: %s; nothing was changed\n", rowsAndSettings(len(r.Claimed)))
		return nil
	}
	fmt.Fprintf(a.stderr, "installed as %s; owned now: %s\n", r.Installed, rowsAndSettings(len(r.Claimed)))
	return nil
}

func (a *app) releaseCommand() *cobra.Command {
	var req api.ReleaseRequest
	var yes bool
	c := &cobra.Command{
		Use: "release", Short: "Give the host back: own nothing, put back what take-overs replaced", Args: cobra.NoArgs,
		Long: `Shows what would be given back and, once you said yes, drops every mark of
ownership from the database and puts back the values that take-overs had
replaced. Everything else stays as it runs. The profile is set aside (its name
gets .former), so that the daemon takes nothing again.

A host of the logical network is taken out of the store, with what is bound there;
its integration bridge and the flows stay, and are listed. Where the store does not
answer, "sluicectl ch del" does it later.

Exit codes: 0 done, 1 failed, 2 no terminal to ask on and no --yes, 4 refused.`,
		Example: "  sluicectl host release --dry-run\n  sluicectl host release --yes",
		RunE: func(c *cobra.Command, _ []string) error {
			if !yes && !req.DryRun {
				if err := a.agreedToRelease(c.Context()); err != nil {
					return err
				}
			}
			result, err := a.client().Release(c.Context(), req)
			if err != nil {
				return err
			}
			return a.print(result, func() error { return a.released(result, req.DryRun || yes) })
		},
	}
	c.Flags().BoolVar(&req.DryRun, "dry-run", false, "only list what would be given back")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// agreedToRelease shows what would be given back, and asks.
func (a *app) agreedToRelease(ctx context.Context) error {
	r, err := a.client().Release(ctx, api.ReleaseRequest{DryRun: true})
	if err != nil {
		return err
	}
	if !a.terminal(a.stdin) {
		return usagef("%s to give back: say --yes, there is no terminal to ask on", rowsAndSettings(len(r.Changes)))
	}
	if err := api.WriteChanges(a.stderr, r.Changes, a.text()); err != nil {
		return err
	}
	if text := partLeft(r); text != "" {
		fmt.Fprint(a.stderr, "\n"+text)
	}
	fmt.Fprintf(a.stderr, "\nGive back %s? [y/N] ", rowsAndSettings(len(r.Changes)))
	return a.confirmed()
}

// partLeft says what becomes of this host's part in the logical network.
func partLeft(r api.ReleaseResult) string {
	var b strings.Builder
	if r.Host != "" {
		fmt.Fprintf(&b, "out of the store: host %s and its bindings\n", api.Printable(r.Host))
	}
	for _, s := range r.Stays {
		fmt.Fprintf(&b, "stays: %s\n", api.Printable(s))
	}
	return b.String()
}

// released lists what was given back, unless it was shown to be agreed to.
func (a *app) released(r api.ReleaseResult, list bool) error {
	if err := a.givenBack(r, list); err != nil {
		return err
	}
	_, err := io.WriteString(a.stdout, partLeft(r))
	return err
}

func (a *app) givenBack(r api.ReleaseResult, list bool) error {
	if len(r.Changes) == 0 {
		fmt.Fprintln(a.stdout, "nothing is owned")
		return nil
	}
	if list {
		return api.WriteChanges(a.stdout, r.Changes, a.text())
	}
	fmt.Fprintf(a.stdout, "given back: %s\n", rowsAndSettings(len(r.Changes)))
	return nil
}

func rowsAndSettings(n int) string {
	if n == 1 {
		return "1 row or setting"
	}
	return fmt.Sprintf("%d rows and settings", n)
}
