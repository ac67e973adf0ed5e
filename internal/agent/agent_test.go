package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// rig is an agent that runs in the test's process against a lab host.
type rig struct {
	t       *testing.T
	host    *lab.Host
	agent   *Agent
	api     backend
	profile string // path
	stop    func()
}

// patience bounds every wait of a system test.
const patience = 20 * time.Second

func (r *rig) start() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r.agent = New(Options{
		Profile: r.profile, Vars: r.profile + ".vars", Hostname: "lab", Database: r.host.DBEndpoint(), RunDir: r.host.RunDir(),
		Host: host.NewFS("/"), Log: slog.New(slog.NewTextHandler(testWriter{r.t}, nil)), Every: 2 * time.Second, Clock: wallClock{},
	})
	r.api = backend{r.agent}
	ended := make(chan error, 1)
	go func() { ended <- r.agent.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("agent ended: %v", err)
		}
		r.stop = func() {}
	}
	r.t.Cleanup(func() { r.stop() })
}

type wallClock struct{}

func (wallClock) Now() time.Time                         { return time.Now() }
func (wallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func newRig(t *testing.T, o lab.Options, profile string) *rig {
	t.Helper()
	r := &rig{t: t, host: lab.New(t, o)}
	r.profile = filepath.Join(t.TempDir(), "host.yaml")
	if profile != "" {
		r.write(profile)
	}
	r.start()
	return r
}

// write puts a profile into place; ${socket_dir} is a directory of the lab host.
func (r *rig) write(profile string) {
	r.t.Helper()
	text := strings.ReplaceAll(profile, "${socket_dir}", r.host.SocketDir())
	if err := os.WriteFile(r.profile, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// await waits for a pass with one of the results that started after the call.
func (r *rig) await(results ...monitor.Result) passState {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	called := time.Now()
	var last passState
	err := lab.Until(ctx, fmt.Sprintf("a pass that ends %v", results), func(context.Context) error {
		last = r.agent.state.get()
		if last.at.Before(called) {
			return errors.New("no pass yet")
		}
		for _, want := range results {
			if last.result == want {
				return nil
			}
		}
		return fmt.Errorf("it ended %s: %v %v", last.result, last.err, last.refused)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return last
}

const dpdkProfile = `
apiVersion: sluice/v1
kind: HostProfile
cpu: {pmd: "1", reserved: "0", sleepMax: 200us}
dpdk:
  memory: {sockets: [256], headroom: 0}
  vhost: {socketDir: ${socket_dir}}
  extra: ["--no-pci"]
bridges:
  - name: br0
    ports:
      - {name: tap0, device: {vdev: "net_tap0,iface=sltap0"}, rxQueues: 2}
vhost:
  ports:
    - {name: vm1, bridge: br0}
    - {name: vm2, bridge: br0}
`

func TestEmptyHostBecomesTheProfile(t *testing.T) {
	r := newRig(t, lab.Options{DPDK: true, Unconfigured: true}, dpdkProfile)
	s := r.await(monitor.ResultConverged)
	if s.made != 0 {
		t.Errorf("a converged pass made %d changes", s.made)
	}
	out, err := r.host.VSCtl(t.Context(), "show")
	t.Log(out, err)
	status, err := r.api.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", status)
}
