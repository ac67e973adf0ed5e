package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// The sides of the apply scenarios.
const (
	sluicedSide   = "sluiced"
	sluicectlSide = "sluicectl host apply"
	vsctlSide     = "ovs-vsctl"
)

const (
	applyNICs   = 4
	applyGuests = 64
	applyBar    = "Applying 4 DPDK vdevs + 64 vhost ports: at most 1.3 times one `ovs-vsctl` invocation with the same rows in one transaction"
)

const applyHosts = "Two lab hosts, each with OVS-DPDK running and EAL started from the same profile without ports, 128 MiB of hugepages each. " +
	"The other side is one `ovs-vsctl` with the same bridge, ports and settings in one transaction, timed from the start of the process to its end: " +
	"it waits for ovs-vswitchd (`cur_cfg`). Between samples the bridge and the sockets' directories are deleted, not timed. " +
	"After the warm-up the two databases are compared: every setting must be the same. The vdevs are `net_null` without packets."

func applyScenario() Scenario {
	return Scenario{
		Name: "apply", Issue: 2,
		Title: "applying 4 DPDK vdevs and 64 vhost ports, by the running daemon",
		Method: "The built sluiced, running and converged on the profile without ports, is given the profile with them: a file is renamed into place. " +
			"Timed from the rename until the daemon tells systemd's notification socket that its pass is over: it has read the profile and the host, planned, " +
			"made 64 directories, written one transaction, waited for `cur_cfg`, and read back what OVS made of it. " + applyHosts,
		Metrics: []Metric{{"time", Seconds}}, Sides: []string{sluicedSide, vsctlSide},
		Bars:    []Bar{{Text: applyBar, Metric: "time", Of: sluicedSide, Against: vsctlSide, Limit: Limit{AtMost, 1.3}}},
		Repeats: Repeats{Least: 9, Most: 21, Budget: 2 * time.Minute}, Quick: true,
		Missing: func(env Env) []string { return append(missingApply(), missingBinary(env, "sluiced")...) },
		Prepare: func(ctx context.Context, env Env) (Rig, error) {
			return prepareApply(ctx, env, sluicedSide, (*applyRig).byDaemon)
		},
	}
}

func applyCommandScenario() Scenario {
	return Scenario{
		Name: "apply-command", Issue: 2,
		Title: "applying 4 DPDK vdevs and 64 vhost ports, by the operator's command",
		Method: "As `apply`, but the profile is given by `sluicectl host apply -f FILE` to the running daemon, " +
			"timed from the start of that process to its end. " + applyHosts,
		Metrics: []Metric{{"time", Seconds}}, Sides: []string{sluicectlSide, vsctlSide},
		Bars:    []Bar{{Text: applyBar, Metric: "time", Of: sluicectlSide, Against: vsctlSide, Limit: Limit{AtMost, 1.3}}},
		Repeats: Repeats{Least: 9, Most: 21, Budget: 2 * time.Minute},
		Missing: func(env Env) []string {
			return append(append(missingApply(), missingBinary(env, "sluiced")...), missingBinary(env, "sluicectl")...)
		},
		Prepare: func(ctx context.Context, env Env) (Rig, error) {
			return prepareApply(ctx, env, sluicectlSide, (*applyRig).byCommand)
		},
	}
}

const applySocketMem = 128 // MiB a host

// baseProfile is that of a host without ports: one core for the PMD thread, which
// sleeps when idle, and the other for everything else.
func baseProfile(d *daemon) hostProfile {
	return hostProfile{cpu: `{pmd: "1", reserved: "0", sleepMax: 200us}`, sockets: applySocketMem, socketDir: d.socketDir()}
}

func missingApply() []string { return missingSwitch(2 * applySocketMem) }

// missingSwitch lists what is lacking for switches with this much memory in MiB.
func missingSwitch(memory int) []string {
	missing := lab.Missing(lab.Options{DPDK: true, SocketMem: memory})
	if runtime.NumCPU() < 2 {
		missing = append(missing, "a second core: one for the PMD thread")
	}
	return missing
}

// applyRig is two hosts that are alike: ours has a daemon, theirs is for ovs-vsctl.
type applyRig struct {
	env          Env
	ours, theirs *lab.Host
	daemon       *daemon
	db           [2]*ovsdb.Client // of ours and of theirs
	base, full   string           // profiles without and with ports
	args         []string         // of ovs-vsctl
	made         [2][]string      // rows on each, as lines
}

func prepareApply(ctx context.Context, env Env, side string, measure func(*applyRig, context.Context) (Sample, error)) (_ Rig, err error) {
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
			side:      func(ctx context.Context) (Sample, error) { return measure(r, ctx) },
			vsctlSide: r.byVSCtl,
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
	if _, err := r.daemon.await(ctx, "converged"); err != nil {
		return err
	}
	for i, h := range []*lab.Host{r.ours, r.theirs} {
		if r.db[i], err = ovsdb.Dial(ctx, h.DBEndpoint(), slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
	}
	return nil
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
	took, err := timed(func() error { return apply(ctx) })
	if err == nil {
		err = r.compare(ctx, 0)
	}
	if err == nil {
		err = r.clear(ctx)
	}
	return Sample{"time": took}, err
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
	return os.RemoveAll(r.daemon.socketDir())
}

func (r *applyRig) byVSCtl(ctx context.Context) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	args := append([]string{"--db=" + r.theirs.DBEndpoint()}, r.args...)
	took, err := timed(func() error { return run(ctx, "ovs-vsctl", args...) })
	if err == nil {
		err = r.compare(ctx, 1)
	}
	if err == nil {
		_, err = r.theirs.VSCtl(ctx, "del-br", "br0")
	}
	return Sample{"time": took}, err
}

// compare makes sure that this host (0 ours, 1 theirs) is configured, and as the
// other one was.
func (r *applyRig) compare(ctx context.Context, n int) error {
	o, err := r.db[n].WaitFor(ctx, func(o vswitch.Observed) bool { return o.CurCfg >= o.NextCfg })
	if err != nil {
		return err
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
		line := row.ID.String()
		for _, name := range row.Settings.Names() {
			line += " " + name + "=" + row.Settings[name]
		}
		lines = append(lines, line)
	}
	return lines
}

func (r *applyRig) close() error {
	var errs []error
	for _, db := range r.db {
		if db != nil {
			db.Close()
		}
	}
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
