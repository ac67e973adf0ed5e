package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// Nothing of OVS runs when the daemon starts; the database comes, then the switch.
func TestSwitchComesLater(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true, DBOnly: true})
	r.step(r.host.StopDB)
	r.write(twoBridges)
	r.start()
	s := r.await(monitor.ResultWaiting)
	if !errors.Is(s.err, errNoDatabase) {
		t.Errorf("without a database the pass says %v", s.err)
	}
	if s := r.status(); s.OVS.Connected || s.OVS.Running || s.OVS.Error == "" {
		t.Errorf("without a database, status says %+v", s.OVS)
	}
	r.step(r.host.StartDB)
	r.reads("br0\nbr1", "list-br")
	r.until("a pass that writes nothing says why nothing comes of it", func() error {
		if s := r.agent.state.get(); s.made > 0 || s.err == nil || s.err.Error() != "ovs-vswitchd does not run" {
			return fmt.Errorf("made %d: %v", s.made, s.err)
		}
		return nil
	})
	if s := r.status(); !s.OVS.Connected || s.OVS.Running {
		t.Errorf("without a switch, status says %+v", s.OVS)
	}
	if err := r.agent.ready(); err == nil {
		t.Error("without a switch the daemon is ready")
	}
	r.step(r.host.StartVswitchd)
	r.await(monitor.ResultConverged)
	if s := r.status(); !s.OVS.Connected || !s.OVS.Running || s.OVS.Error != "" {
		t.Errorf("with all of it, status says %+v", s.OVS)
	}
}

// The switch dies under the daemon and comes back: nothing is written for that.
// What the profile wants meanwhile is written at once and found at the start.
func TestSwitchKilled(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	before := r.observed()
	if err := r.host.KillVswitchd(); err != nil {
		t.Fatal(err)
	}
	s := r.await(monitor.ResultWaiting)
	if !errors.Is(s.err, errNotRunning) {
		t.Errorf("without a switch the pass says %v, want %v", s.err, errNotRunning)
	}
	if p, err := r.api.Plan(r.limit(), api.PlanRequest{}); err != nil || !p.Converged || !p.NotInForce {
		t.Errorf("without a switch the plan is %+v, %v", p, err)
	}
	r.step(r.host.StartVswitchd)
	r.await(monitor.ResultConverged)
	if now := r.observed(); now.NextCfg != before.NextCfg {
		t.Errorf("the death of the switch made the daemon write: next_cfg went from %d to %d", before.NextCfg, now.NextCfg)
	}
	if err := r.host.KillVswitchd(); err != nil {
		t.Fatal(err)
	}
	r.write(strings.Replace(twoBridges, "1400", "1300", 1))
	r.reads("1300", "get", "Interface", "br1", "mtu_request")
	r.step(r.host.StartVswitchd)
	r.reads("1300", "get", "Interface", "br1", "mtu")
	r.await(monitor.ResultConverged)
}

// The database's server restarts: the daemon comes back and looks at everything.
func TestDatabaseRestarted(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	before := dump(r.observed())
	r.step(r.host.StopDB)
	s := r.await(monitor.ResultWaiting)
	if !errors.Is(s.err, errNoDatabase) {
		t.Errorf("without a database the pass says %v", s.err)
	}
	r.step(r.host.StartDB)
	r.await(monitor.ResultConverged)
	if diff := cmp.Diff(before, dump(r.observed())); diff != "" {
		t.Errorf("the restart changed (-before +after):\n%s", diff)
	}
	r.vsctl("del-br", "br1")
	r.reads("br0\nbr1", "list-br")
}

// Somebody deletes the database: the host is built anew.
func TestDatabaseReplaced(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	before := dump(r.observed())
	r.step(r.host.ReplaceDB)
	r.until("the host is as before", func() error {
		if diff := cmp.Diff(before, dump(r.observed())); diff != "" {
			return fmt.Errorf("(-before +after):\n%s", diff)
		}
		return nil
	})
	r.await(monitor.ResultConverged)
}

// While the switch is away its release is not known from it; keys must not be
// written under the names of another release then.
func TestReleaseIsRemembered(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	before := r.vsctl("get", "Open_vSwitch", ".", "other_config")
	r.step(r.host.StopVswitchd)
	r.await(monitor.ResultWaiting)
	r.vsctl("set", "Open_vSwitch", ".", "external_ids:wake=1")
	r.await(monitor.ResultWaiting)
	r.stop()
	r.start() // who never heard the switch finds what it wrote itself
	r.await(monitor.ResultWaiting)
	if after := r.vsctl("get", "Open_vSwitch", ".", "other_config"); after != before {
		t.Errorf("without the switch other_config went from\n%s to\n%s", before, after)
	}
	r.step(r.host.StartVswitchd)
}

// A switch that hangs holds up a pass for moments, not for ever, and reads right
// when it goes on.
func TestSwitchHangs(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	pid := r.mayHang()
	pause(t, pid)
	defer proceed(t, pid)
	r.write(strings.Replace(twoBridges, "1400", "1300", 1))
	r.reads("1300", "get", "Interface", "br1", "mtu_request")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := r.api.Status(ctx); err != nil {
		t.Errorf("status of a hanging switch: %v", err)
	}
	proceed(t, pid)
	r.reads("1300", "get", "Interface", "br1", "mtu")
	r.await(monitor.ResultConverged)
}
