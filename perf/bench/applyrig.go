package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// applyRig is two hosts that are alike: ours has a daemon, theirs is for ovs-vsctl.
type applyRig struct {
	env          Env
	ours, theirs *lab.Host
	daemon       *daemon
	base, full   string      // profiles without and with ports
	args         []string    // of ovs-vsctl
	made         [2][]string // rows on each, as lines
	cleared      int         // how often
}

func prepareApply(ctx context.Context, env Env) (_ Rig, err error) {
	r := &applyRig{env: env}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if err := r.start(ctx); err != nil {
		return Rig{}, err
	}
	return Rig{
		Measure: map[string]func(context.Context) (Sample, error){
			sluicedSide: r.byDaemon, sluicectlSide: r.byCommand, vsctlSide: r.byVSCtl,
		},
		Close: r.close,
	}, nil
}

func (r *applyRig) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, h := range []**lab.Host{&r.ours, &r.theirs} {
		r.env.Progress("starting a host with OVS-DPDK")
		started, err := lab.Start(ctx, lab.Options{DPDK: true, Unconfigured: true})
		if err != nil {
			return err
		}
		*h = started
	}
	var err error
	if r.daemon, err = newDaemon(r.env, r.ours); err != nil {
		return err
	}
	profile := baseProfile(r.daemon)
	r.base = profile.text()
	profile.nics, profile.guests = numbered("null", applyNICs), numbered("vm", applyGuests)
	r.full = profile.text()
	if err := r.configure(ctx, r.theirs, r.base); err != nil {
		return err
	}
	if r.args, err = r.arguments(ctx, profile); err != nil {
		return err
	}
	if err := r.daemon.install(r.base); err != nil {
		return err
	}
	if err := r.daemon.start(ctx); err != nil {
		return err
	}
	_, err = r.daemon.await(ctx, "converged")
	return err
}

// configure sets a host up as the daemon would by this profile, and ends the
// daemon again.
func (r *applyRig) configure(ctx context.Context, h *lab.Host, profile string) error {
	d, err := newDaemon(r.env, h)
	if err != nil {
		return err
	}
	err = d.install(profile)
	if err == nil {
		err = d.start(ctx)
	}
	if err == nil {
		_, err = d.await(ctx, "converged")
	}
	if err == nil {
		err = d.stop(ctx)
	}
	return errors.Join(err, d.close())
}

// arguments are what makes the profile's rows below the root row.
func (r *applyRig) arguments(ctx context.Context, profile hostProfile) ([]string, error) {
	parsed, err := profile.parse()
	if err != nil {
		return nil, err
	}
	topology, err := host.NewFS("/").Topology(ctx)
	if err != nil {
		return nil, err
	}
	p := plan.Make(plan.Input{Profile: parsed, Topology: topology, OVSVersion: DescribeMachine(ctx).OVS})
	if len(p.Desired.Rows) < 2 {
		return nil, fmt.Errorf("the profile cannot be planned on this machine: %v", p.Findings)
	}
	return vsctlArgs(p.Desired.Rows[1:]), nil
}

// patience bounds one sample with its clearing up.
const patience = time.Minute

func (r *applyRig) byDaemon(ctx context.Context) (Sample, error) {
	return r.ourWay(ctx, func(ctx context.Context) error {
		if err := r.daemon.install(r.full); err != nil {
			return err
		}
		status, err := r.daemon.await(ctx, "changed", "refused", "failed", "pending")
		if err == nil && resultOf(status) != "changed" {
			err = fmt.Errorf("the daemon did not apply the profile: %s", status)
		}
		return err
	})
}

func (r *applyRig) byCommand(ctx context.Context) (Sample, error) {
	file := filepath.Join(r.daemon.dir, "full.yaml")
	if err := os.WriteFile(file, []byte(r.full), 0o644); err != nil {
		return nil, err
	}
	return r.ourWay(ctx, func(ctx context.Context) error {
		return run(ctx, filepath.Join(r.env.BinDir, "sluicectl"), "--socket", r.daemon.api(), "host", "apply", "-f", file)
	})
}

// ourWay times apply on our host, checks it and takes it back.
func (r *applyRig) ourWay(ctx context.Context, apply func(context.Context) error) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r.daemon.forget()
	before, err := usageOf(r.daemon.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	took, err := timed(func() error { return apply(ctx) })
	if err != nil {
		return nil, err
	}
	after, err := usageOf(r.daemon.cmd.Process.Pid)
	if err == nil {
		err = r.compare(ctx, 0)
	}
	if err == nil {
		err = r.clear(ctx)
	}
	return Sample{"time": took, "work": (after.CPU - before.CPU).Seconds()}, err
}

// clear takes our ports away. The daemon itself would not delete so many at once
// without being told.
func (r *applyRig) clear(ctx context.Context) error {
	r.daemon.forget()
	if err := r.daemon.install(r.base); err != nil {
		return err
	}
	if _, err := r.daemon.await(ctx, "changed", "refused", "pending"); err != nil {
		return err
	}
	if _, err := r.ours.VSCtl(ctx, "--if-exists", "del-br", "br0"); err != nil {
		return err
	}
	if _, err := r.daemon.await(ctx, "converged"); err != nil {
		return err
	}
	// Set aside, not deleted: for five seconds ext4 gives out no inode of a deleted
	// directory, and looks at each anew for every one that is made (recently_deleted
	// in fs/ext4/ialloc.c). No host makes the directories it has just deleted.
	r.cleared++
	return os.Rename(r.daemon.socketDir(), fmt.Sprintf("%s.%d", r.daemon.socketDir(), r.cleared))
}

func (r *applyRig) byVSCtl(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := append([]string{"--db=" + r.theirs.DBEndpoint()}, r.args...)
	var work time.Duration
	took, err := timed(func() (err error) { work, err = runCounted(ctx, "ovs-vsctl", args...); return err })
	if err == nil {
		err = r.compare(ctx, 1)
	}
	if err == nil {
		_, err = r.theirs.VSCtl(ctx, "del-br", "br0")
	}
	return Sample{"time": took, "work": work.Seconds()}, err
}

// compare makes sure that this host (0 ours, 1 theirs) is configured, and as the
// other one was.
func (r *applyRig) compare(ctx context.Context, n int) error {
	// Nobody but the sides themselves is connected while they are timed.
	db, err := ovsdb.Dial(ctx, []*lab.Host{r.ours, r.theirs}[n].DBEndpoint(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer db.Close()
	o, err := db.WaitFor(ctx, func(o vswitch.Observed) bool { return o.CurCfg >= o.NextCfg })
	if err != nil {
		return err
	}
	for _, row := range o.Rows {
		if row.Status != nil && row.Status.Error != "" {
			return fmt.Errorf("interface %s: %s", row.Name, row.Status.Error)
		}
	}
	r.made[n] = rowLines(o)
	if want := 1 + 2*(1+applyNICs+applyGuests); len(r.made[n]) != want {
		return fmt.Errorf("%d rows instead of %d were made", len(r.made[n]), want)
	}
	if r.made[1-n] == nil {
		return nil
	}
	for i, line := range r.made[0] {
		if line != r.made[1][i] {
			return fmt.Errorf("the two ways did not make the same: %q, and by ovs-vsctl %q", line, r.made[1][i])
		}
	}
	return nil
}

// rowLines prints the rows below the root row, each with its settings.
func rowLines(o vswitch.Observed) []string {
	var lines []string
	for _, row := range o.Rows {
		if row.Table == vswitch.OpenvSwitch {
			continue
		}
		line := row.String()
		for _, name := range row.Settings.Names() {
			line += " " + name + "=" + row.Settings[name]
		}
		lines = append(lines, line)
	}
	return lines
}

func (r *applyRig) close() error {
	var errs []error
	if r.daemon != nil {
		errs = append(errs, r.daemon.close())
	}
	for _, h := range []*lab.Host{r.ours, r.theirs} {
		if h != nil {
			errs = append(errs, h.Close())
		}
	}
	return errors.Join(errs...)
}
