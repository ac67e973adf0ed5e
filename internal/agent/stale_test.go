package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// What no watch tells of a profile, the timer finds: changed variables, and a
// directory that was replaced as a whole.
func TestStaleProfileIsReadAgain(t *testing.T) {
	narrow := strings.Replace(twoBridges, "1400", "1300", 1)
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, r *rig)
	}{
		{"variables", func(t *testing.T, r *rig) { put(t, r.opt.Vars, "mtu: 1300\n") }},
		{"the directory is replaced", func(t *testing.T, r *rig) {
			dir := filepath.Dir(r.profile)
			fresh := dir + ".fresh"
			if err := os.Mkdir(fresh, 0o755); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(fresh, filepath.Base(r.profile)), narrow)
			if err := os.Rename(dir, dir+".former"); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(fresh, dir); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
			r.profile = filepath.Join(t.TempDir(), "sluice", "host.yaml")
			if err := os.Mkdir(filepath.Dir(r.profile), 0o755); err != nil {
				t.Fatal(err)
			}
			r.opt.Profile, r.opt.Vars = r.profile, r.profile+".vars"
			put(t, r.opt.Vars, "mtu: 1400\n")
			r.write(strings.Replace(twoBridges, "1400", `"${mtu}"`, 1))
			r.start()
			r.reads("1400", "get", "Interface", "br1", "mtu_request")
			r.await(monitor.ResultConverged)
			tt.change(t, r)
			r.reads("1300", "get", "Interface", "br1", "mtu_request")
			if s := r.await(monitor.ResultConverged); s.made != 0 || r.agent.profile.stale() {
				t.Errorf("it comes to no rest: %d changes made, stale %v", s.made, r.agent.profile.stale())
			}
		})
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
