package agent

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// dummy is a host without devices, for what DPDK does not matter to.
var dummy = lab.Options{Dummy: true}

const twoBridges = `
apiVersion: sluice/v1
kind: HostProfile
cpu: {pmd: "1", reserved: "0", sleepMax: 200us}
dpdk: {init: "false"}
bridges:
  - {name: br0}
  - {name: br1, failMode: secure, mtu: 1400}
`

func TestProfileComesLater(t *testing.T) {
	r := newRig(t, dummy, "")
	r.await(monitor.ResultWaiting)
	s := r.status()
	if s.Profile.Error == "" || !strings.Contains(s.Profile.Error, "no such file") || s.Pass.Result != "waiting" {
		t.Errorf("without a profile, status says %+v, %+v", s.Profile, s.Pass)
	}
	if n := strings.Count(r.log.String(), "no such file"); n != 1 {
		t.Errorf("that there is no profile was logged %d times", n)
	}
	if err := r.agent.ready(); err == nil {
		t.Error("without a profile the daemon is ready")
	}
	r.write(twoBridges)
	r.reads("br0\nbr1", "list-br")
	r.await(monitor.ResultConverged)
	if s := r.status(); s.Profile.Error != "" || s.Profile.Loaded.IsZero() {
		t.Errorf("with a profile, status says %+v", s.Profile)
	}
	if err := r.agent.ready(); err != nil {
		t.Errorf("converged, the daemon is not ready: %v", err)
	}
}

// A file that is not valid changes nothing, is told everywhere, and the former
// profile is kept up meanwhile.
func TestInvalidProfileKeepsTheFormer(t *testing.T) {
	for _, tt := range []struct{ name, profile, says string }{
		{"an unknown key", strings.Replace(twoBridges, "bridges:", "bridge:", 1), "bridge"},
		{"empty", "\n", "empty"},
		{"cut off in a word", twoBridges[:strings.Index(twoBridges, "Mode: secure")], "line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, dummy, twoBridges)
			r.await(monitor.ResultConverged)
			if got := r.metric("sluice_profile_valid"); got != "1" {
				t.Errorf("sluice_profile_valid is %q", got)
			}
			r.write(tt.profile)
			r.says("profile not taken")
			r.await(monitor.ResultConverged)
			if s := r.status(); s.Profile.Error == "" {
				t.Errorf("status says nothing of the profile: %+v", s.Profile)
			}
			if got := r.metric("sluice_profile_valid"); got != "0" {
				t.Errorf("sluice_profile_valid is %q", got)
			}
			r.vsctl("del-br", "br1")
			r.reads("br0\nbr1", "list-br")
			r.write(strings.Replace(twoBridges, "1400", "1300", 1))
			r.reads("1300", "get", "Interface", "br1", "mtu_request")
			r.await(monitor.ResultConverged)
			if s := r.status(); s.Profile.Error != "" {
				t.Errorf("status still says %q", s.Profile.Error)
			}
			if got := r.metric("sluice_profile_valid"); got != "1" {
				t.Errorf("sluice_profile_valid is %q", got)
			}
		})
	}
}

// A profile that somebody removes stays in force; that is told.
func TestProfileRemoved(t *testing.T) {
	r := newRig(t, dummy, twoBridges)
	r.await(monitor.ResultConverged)
	if err := os.Remove(r.profile); err != nil {
		t.Fatal(err)
	}
	r.says("profile not taken")
	r.await(monitor.ResultConverged)
	if s := r.status(); !strings.Contains(s.Profile.Error, "no such file") {
		t.Errorf("status says %+v", s.Profile)
	}
	if got := r.metric("sluice_profile_valid"); got != "0" {
		t.Errorf("sluice_profile_valid is %q", got)
	}
	r.vsctl("del-br", "br1")
	r.reads("br0\nbr1", "list-br")
}

// Variables are read again on SIGHUP, and the service manager is told when that
// begins and when it is done (systemd's Type=notify-reload waits for it).
func TestReload(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	reload := make(chan os.Signal, 1)
	r.opt.Reload = reload
	notices := make(chan string, 100)
	r.opt.Ready = func() { notices <- "ready with " + r.vsctl("get", "Interface", "br1", "mtu_request") }
	r.opt.Reloading = func() { notices <- "reloading" }
	tells := func(want string) {
		t.Helper()
		select {
		case got := <-notices:
			if got != want {
				t.Errorf("the service manager is told %q, want %q", got, want)
			}
		case <-r.limit().Done():
			t.Fatalf("the service manager is not told %q", want)
		}
	}
	vars := func(mtu string) {
		if err := os.WriteFile(r.opt.Vars, []byte("mtu: "+mtu+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	vars("1400")
	r.write(strings.Replace(twoBridges, "1400", `"${mtu}"`, 1))
	r.start()
	tells("ready with 1400")
	r.await(monitor.ResultConverged)
	vars("1300")
	reload <- syscall.SIGHUP
	tells("reloading")
	tells("ready with 1300")
	if len(notices) > 0 {
		t.Errorf("and more: %q", <-notices)
	}
}

// What the service manager is told says that a profile is not in force.
func TestNotifyTellsOfTheProfile(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	notes := make(chan string, 100)
	r.opt.Notify = func(state string) { notes <- state }
	r.write(twoBridges)
	r.start()
	r.await(monitor.ResultConverged)
	r.write("kind: nonsense\n")
	ctx := r.limit()
	for {
		select {
		case state := <-notes:
			if strings.Contains(state, "not valid and not in force") {
				return
			}
		case <-ctx.Done():
			t.Fatal("the service manager is not told")
		}
	}
}
