package agent

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// mayHang is the switch's process, whose log may tell that it hung.
func (r *rig) mayHang() (pid int) {
	r.t.Helper()
	r.host.Allow(regexp.MustCompile(`\|(timeval|poll_loop|ovs_rcu)\|`))
	pid, err := r.host.VswitchdPID()
	r.must(err)
	return pid
}

// A switch that hangs is named by whatever is asked for, and holds up none of it
// for as long as its control socket would.
func TestSwitchDoesNotAnswer(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.opt.Clock = quickClock{}
	r.opt.Every = time.Hour
	r.write(twoBridges)
	r.start()
	r.await(monitor.ResultConverged)
	pid := r.mayHang()
	pause(t, pid)
	defer proceed(t, pid)
	silent := fmt.Sprintf("ovs-vswitchd (pid %d) does not answer its control socket: version: no answer in time", pid)

	// Below what one call that nobody answers would take.
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
	defer cancel()
	e, err := r.api.Explain(ctx, "br1")
	if err != nil || e.Healthy || len(e.Reasons) != 1 || !strings.HasPrefix(e.Reasons[0].What, silent) || !strings.Contains(e.Reasons[0].Fix, "restart ovs-vswitchd") {
		t.Errorf("explain: %v, %+v", err, e)
	}
	s := r.status()
	if !s.OVS.Connected || s.OVS.Running || s.OVS.Error != silent || !slices.Equal(s.Unknown, []string{"pmd-perf, pmd-rxq: see the switch"}) {
		t.Errorf("status says of the switch %+v, not read: %q", s.OVS, s.Unknown)
	}

	before := r.observed()
	r.applyIsRefused(silent)
	if now := r.observed(); now.NextCfg != before.NextCfg {
		t.Errorf("refusing, apply wrote: next_cfg went from %d to %d", before.NextCfg, now.NextCfg)
	}

	if ports, err := r.api.Ports(ctx); err != nil || len(ports) != 2 || ports[0].Stale != silent || ports[1].Stale != silent {
		t.Errorf("of the ports it says %+v, %v", ports, err)
	}
	if s.Work != nil {
		t.Errorf("while nobody works, status says %+v", s.Work)
	}

	// A pass waits for the switch, and holds up all commands.
	r.write(strings.Replace(twoBridges, "1400", "1300", 1))
	r.reads("1300", "get", "Interface", "br1", "mtu_request")
	want := api.Work{What: "a pass (profile changed)", Step: "step 1 of 1: 1 changes"}
	if s := r.status(); s.Work == nil || s.Work.Since.Before(s.Pass.Time) || s.Work.What != want.What || s.Work.Step != want.Step {
		t.Errorf("of the pass that waits, status says %+v", s.Work)
	}
	r.applyIsRefused("a pass or another command waits for the switch: " + silent)

	proceed(t, pid)
	r.reads("1300", "get", "Interface", "br1", "mtu")
	if result, err := r.apply(api.ApplyRequest{}); err != nil || len(result.Refused) > 0 {
		t.Errorf("when it goes on, apply says %v, %+v", err, result)
	}
}

// A pass beside a switch that hangs is not converged, whatever the database says.
func TestPassBesideAHungSwitch(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.opt.Clock = quickClock{}
	r.write(twoBridges)
	r.start()
	r.await(monitor.ResultConverged)
	pid := r.mayHang()
	pause(t, pid)
	defer proceed(t, pid)
	s := r.await(monitor.ResultWaiting)
	if s.err == nil || !strings.Contains(s.err.Error(), fmt.Sprintf("ovs-vswitchd (pid %d) does not answer its control socket", pid)) {
		t.Errorf("the pass ends with %v", s.err)
	}
	proceed(t, pid)
	r.await(monitor.ResultConverged)
}

// applyIsRefused applies, and expects that it cannot be done, for a reason that starts so.
func (r *rig) applyIsRefused(start string) {
	r.t.Helper()
	_, err := r.apply(api.ApplyRequest{})
	if api.CodeOf(err) != api.CodeUnavailable || !strings.HasPrefix(err.Error(), start) || !strings.HasSuffix(err.Error(), "; nothing was changed") {
		r.t.Errorf("apply says\n%v (%s)\nwant\n%s…; nothing was changed (%s)", err, api.CodeOf(err), start, api.CodeUnavailable)
	}
}
