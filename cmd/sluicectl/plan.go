package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
)

// planFlags say which profile is planned, and for which host.
type planFlags struct {
	file, vars, facts, release string
	alone                      standalone
}

func (f *planFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVarP(&f.file, "file", "f", "", "profile to plan, - for standard input; default: the daemon's own")
	flags.StringVar(&f.vars, "vars", "", "variables of the profile; default: the daemon's own")
	flags.StringVar(&f.facts, "facts", "", "plan for the host that \"host facts\" described in this `file`: needs no daemon")
	flags.StringVar(&f.release, "ovs-version", "", "with --facts: OVS release to plan for where the facts tell none")
	f.alone.flags(c)
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use: "plan", Short: "Print the exact changes a profile would make, each with what it costs", Args: cobra.NoArgs,
		Long: `Prints what would be changed, by step, in ovs-vsctl's words, each change with its
class: live, PMD re-creation, port stop/start or restart needed; reversible or
one-way; and whether the daemon makes it by itself or it waits for "host apply".
Changes nothing.

Exit codes: 0 the host is as the profile says, 4 the profile is refused,
5 there is something to do.`,
		Example: "  sluicectl host plan\n  sluicectl host plan -f new.yaml\n  sluicectl host plan -f new.yaml --facts facts.json -o json",
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := a.plan(c, f)
			if err != nil {
				return err
			}
			if err := a.print(p, func() error { return p.WriteText(a.stdout, a.text()) }); err != nil {
				return err
			}
			return verdict(p.Refused, p.Converged)
		},
	}
	f.add(c)
	return c
}

func (a *app) checkCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use: "check", Short: "Print what is wrong with a profile on this host, or could be better", Args: cobra.NoArgs,
		Long: `Prints findings with severity, the profile's line, what it costs to leave it so,
and what to change. Errors refuse the profile, warnings cost something.

Exit codes: 0 nothing or notes only, 4 errors, 5 warnings.`,
		Example: "  sluicectl host check\n  sluicectl host check -f new.yaml --facts facts.json",
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := a.plan(c, f)
			if err != nil {
				return err
			}
			if err := a.print(p.Findings, func() error { return p.WriteFindings(a.stdout, a.text()) }); err != nil {
				return err
			}
			warned := false
			for _, finding := range p.Findings {
				warned = warned || finding.Severity == api.SeverityWarning
			}
			return verdict(p.Refused, !warned)
		},
	}
	f.add(c)
	return c
}

// verdict is the exit code of a question: no words, they were printed.
func verdict(refused, clean bool) error {
	switch {
	case refused:
		return &codeError{code: exitConflict}
	case !clean:
		return &codeError{code: exitToDo}
	}
	return nil
}

// plan asks the daemon, or works offline from facts.
func (a *app) plan(c *cobra.Command, f planFlags) (api.Plan, error) {
	ctx, cancel := a.asking(c)
	defer cancel()
	if f.facts != "" {
		return a.offlinePlan(f)
	}
	if f.release != "" {
		return api.Plan{}, usagef("--ovs-version goes with --facts: a running OVS tells its own release")
	}
	req, err := a.request(f.file, f.vars)
	if err != nil {
		return api.Plan{}, err
	}
	daemon, end, err := a.backend(ctx, f.alone)
	if err != nil {
		return api.Plan{}, err
	}
	defer end()
	return daemon.Plan(ctx, req)
}

func (a *app) offlinePlan(f planFlags) (api.Plan, error) {
	if f.file == "" {
		return api.Plan{}, usagef("--facts needs a profile: name it with -f")
	}
	profile, err := a.read(f.file)
	if err != nil {
		return api.Plan{}, err
	}
	vars, err := configs.LoadVars(f.vars)
	if err != nil {
		return api.Plan{}, usagef("%v", err)
	}
	facts, err := a.read(f.facts)
	if err != nil {
		return api.Plan{}, err
	}
	return offline{Profile: profile, Name: f.file, Vars: vars, Facts: bytes.NewReader(facts), FactsName: f.facts, OVSVersion: f.release}.plan()
}

// request reads what a request to the daemon carries; no file is the daemon's own.
func (a *app) request(file, vars string) (api.PlanRequest, error) {
	if file == "" {
		return api.PlanRequest{}, nil
	}
	profile, err := a.read(file)
	if err != nil {
		return api.PlanRequest{}, err
	}
	req := api.PlanRequest{Profile: string(profile), Name: file}
	switch {
	case len(profile) > maxProfile:
		return req, usagef("%s has %d MiB, a profile may have %d: is it the right file?", file, len(profile)>>20, maxProfile>>20)
	case len(profile) == 0:
		return req, usagef("%s is empty: `sluicectl host reference` prints a profile to start from", file)
	}
	if vars != "" {
		text, err := a.read(vars)
		if err != nil {
			return req, err
		}
		req.Vars = string(text)
	}
	return req, nil
}

// maxProfile is what package configs reads of a profile.
const maxProfile = 1 << 20

// maxFile bounds what is read from a file that was named: facts are the largest.
const maxFile = 64 << 20

// read reads a file that the operator named; - is standard input.
func (a *app) read(name string) ([]byte, error) {
	r := a.stdin
	if name != "-" {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &codeError{exitNotFound, "there is no file " + name}
		}
		if err != nil {
			return nil, usagef("%v", err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, usagef("%s is a directory: name the file in it", name)
		}
		r = f
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = usagef("%s is over %d MiB", name, maxFile>>20)
	}
	return text, err
}
