package agent

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// When a read back is over, and what it says then.
func TestSettled(t *testing.T) {
	const refusal, other = "port p0: OVS says: no", "port p1: OVS says: no"
	busy := "what OVS made of the configuration could not be read back: "
	tests := []struct {
		name     string
		cur      int64 // of configuration 5
		asked    bool
		unread   error
		standing []string
		settled  bool
		refused  []string
		finding  string
	}{
		{"a new refusal", 5, true, nil, nil, false, []string{refusal}, ""},
		{"a new one beside another", 5, true, nil, []string{other}, false, []string{refusal}, ""},
		{"a standing one", 5, true, nil, []string{other, refusal}, true, []string{refusal}, ""},
		{"not asked yet", 5, false, nil, []string{refusal}, false, nil, ""},
		{"not carried out yet", 4, true, nil, []string{refusal}, false, nil, busy + "ovs-vswitchd has not carried out what is in the database yet (cur_cfg 4, next_cfg 5)"},
		{"the switch does not answer", 5, true, unixctl.ErrHung, nil, true, nil, busy + "no answer in time"},
		{"it answers in other words", 5, true, &unixctl.CommandError{Method: "a", Text: "b"}, []string{refusal}, true, []string{refusal}, "queues and pins could not be read back: a: b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			is := row("type=dpdk", "")
			is.Status.Error = "no"
			r := inquiry{
				want: vswitch.Desired{Rows: []vswitch.Row{is.Row}}, m: newMeanings("3.1.0"), standing: tt.standing,
				o: vswitch.Observed{OVSVersion: "3.1.0"}, asked: tt.asked, heard: replies{unread: tt.unread},
			}
			r.judge(vswitch.Observed{Rows: []vswitch.ObservedRow{is}, CurCfg: tt.cur, NextCfg: 5})
			if r.settled() != tt.settled {
				t.Errorf("settled: %v", r.settled())
			}
			if diff := cmp.Diff(tt.refused, r.refused); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
			var found string
			for _, f := range r.unverified() {
				found += f.What
			}
			if found != tt.finding || r.o.OVSVersion != "3.1.0" {
				t.Errorf("of release %s it finds %q, want %q", r.o.OVSVersion, found, tt.finding)
			}
		})
	}
}

// Somebody else changes the MTU of a healthy port again and again: no moment in
// which OVS has not reported yet is told as a refusal.
func TestForeignMTUIsNoRefusal(t *testing.T) {
	const null = `name: null0, device: {vdev: "net_null0"}, rxQueues: 1, mtu: 1400`
	r := newRig(t, lab.Options{DPDK: true}, strings.Replace(dpdkProfile, `name: tap0, device: {vdev: "net_tap0,iface=sltap0"}, rxQueues: 2`, null, 1))
	r.await(monitor.ResultConverged)
	for range 5 {
		for _, mtu := range []string{"1300", "1400"} {
			if _, err := r.host.VSCtl(r.limit(), "set", "Interface", "null0", "mtu_request="+mtu); err != nil {
				t.Fatal(err)
			}
			r.await(monitor.ResultConverged, monitor.ResultPending, monitor.ResultChanged, monitor.ResultRefused)
		}
	}
	r.await(monitor.ResultConverged)
	if strings.Contains(r.log.String(), "refused=") {
		t.Error("a pass told of a refusal")
	}
}

// While EAL starts, nobody serves the control socket and the database is as the
// switch before left it: nothing is refused by that.
func TestNothingIsJudgedWhileEALStarts(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true}, dpdkProfile)
	r.host.Allow(regexp.MustCompile(`\|(timeval|poll_loop|ovs_rcu)\|`))
	r.await(monitor.ResultConverged)
	r.step(r.host.StopVswitchd)
	started := make(chan error, 1)
	go func() { started <- r.host.StartVswitchd(t.Context()) }()
	pid := 0
	r.until("the switch has a pidfile", func() (err error) {
		pid, err = r.host.VswitchdPID()
		return err
	})
	pause(t, pid)
	r.vsctl("set", "Open_vSwitch", ".", "dpdk_initialized=false", "iface_types=[]")
	r.until("a pass finds that nothing could be read back", func() error {
		for _, f := range r.agent.state.get().findings {
			if strings.HasPrefix(f.What, "what OVS made of the configuration could not be read back") {
				return nil
			}
		}
		return errors.New("none does")
	})
	if s := r.agent.state.get(); len(s.refused) > 0 {
		t.Errorf("while EAL starts the pass says %q", s.refused)
	}
	proceed(t, pid)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	// Where EAL was faster than the test, OVS writes what the test overwrote anew.
	if _, err := r.host.VSCtl(r.limit(), "set", "Bridge", "br0", "external_ids:written=anew"); err != nil {
		t.Fatal(err)
	}
	r.await(monitor.ResultConverged)
	if strings.Contains(r.log.String(), "refused=") {
		t.Error("a pass told of a refusal")
	}
}
