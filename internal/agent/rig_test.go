package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// rig is an agent that runs in the test's process against a lab host. On a dummy
// host it believes in a machine of two cores and 1,000 MiB of hugepages.
type rig struct {
	t       *testing.T
	host    *lab.Host
	opt     Options
	agent   *Agent
	api     backend
	profile string // path
	sockets string // directory of the vhost sockets
	log     *logBook
	stop    func()
}

// patience bounds every wait of a system test.
const patience = 20 * time.Second

// newRig starts a host and an agent on it. An empty profile leaves the file out.
func newRig(t *testing.T, o lab.Options, profile string) *rig {
	t.Helper()
	o.Unconfigured = true
	r := prepare(t, o)
	if profile != "" {
		r.write(profile)
	}
	r.start()
	return r
}

// prepare starts a host and no agent yet.
func prepare(t *testing.T, o lab.Options) *rig {
	t.Helper()
	r := &rig{t: t, host: lab.New(t, o), log: &logBook{t: t}, profile: filepath.Join(t.TempDir(), "host.yaml"), stop: func() {}}
	machine := host.NewFS("/")
	if o.Dummy {
		machine = hosttest.Tree(t, "vm2")
	}
	r.opt = Options{
		Profile: r.profile, Vars: r.profile + ".vars", Hostname: "lab", Database: r.host.DBEndpoint(), RunDir: r.host.RunDir(),
		Host: machine, Log: slog.New(slog.NewTextHandler(r.log, nil)), Every: 300 * time.Millisecond, Clock: wallClock{},
	}
	// A profile refuses socket directories that systemd empties, as the lab's is.
	r.sockets = r.host.SocketDir()
	// ovs-vswitchd says so when its database goes.
	r.host.Allow(regexp.MustCompile(`\|(reconnect|ovsdb_cs|ovsdb_idl|jsonrpc|stream_unix)\|`))
	// And when a daemon ends while it talks to a bridge.
	r.host.Allow(regexp.MustCompile(`\|rconn\|WARN\|\S+: connection dropped`))
	t.Cleanup(func() { r.stop() })
	return r
}

// start starts the agent; stop ends it and waits for its end.
func (r *rig) start() {
	ctx, cancel := context.WithCancel(context.Background())
	r.agent = New(r.opt)
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
}

// write puts a profile into place; ${socket_dir} is the host's own.
func (r *rig) write(profile string) {
	r.t.Helper()
	if err := os.WriteFile(r.profile, []byte(r.text(profile)), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) text(profile string) string {
	return strings.ReplaceAll(profile, "${socket_dir}", r.sockets)
}

// limit bounds one wait.
func (r *rig) limit() context.Context {
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	r.t.Cleanup(cancel)
	return ctx
}

// until waits for a condition.
func (r *rig) until(what string, holds func() error) {
	r.t.Helper()
	if err := lab.Until(r.limit(), what, func(context.Context) error { return holds() }); err != nil {
		r.t.Fatal(err)
	}
}

// await waits for a pass that started after the call and ended so.
func (r *rig) await(results ...monitor.Result) passState {
	r.t.Helper()
	called := time.Now()
	var last passState
	r.until(fmt.Sprintf("a pass ends %v", results), func() error {
		last = r.agent.state.get()
		if last.at.Before(called) {
			return errors.New("no pass yet")
		}
		for _, want := range results {
			if last.result == want {
				return nil
			}
		}
		return fmt.Errorf("it ended %s: %v %v, pending %v", last.result, last.err, last.refused, last.pending)
	})
	return last
}

// vsctl runs ovs-vsctl, which does not wait for the switch.
func (r *rig) vsctl(args ...string) string {
	r.t.Helper()
	out, err := r.host.VSCtl(r.limit(), append([]string{"--no-wait"}, args...)...)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// reads waits until ovs-vsctl prints so.
func (r *rig) reads(want string, args ...string) {
	r.t.Helper()
	r.until(fmt.Sprintf("ovs-vsctl %s prints %q", strings.Join(args, " "), want), func() error {
		out, err := r.host.VSCtl(r.limit(), append([]string{"--no-wait"}, args...)...)
		if err == nil && out != want {
			err = fmt.Errorf("it prints %q", out)
		}
		return err
	})
}

// step fails the test on an error of the lab's.
func (r *rig) step(f func(context.Context) error) {
	r.t.Helper()
	if err := f(r.limit()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) status() api.Status {
	r.t.Helper()
	s, err := r.api.Status(r.limit())
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// metric returns the value of a metric without labels, as Prometheus reads it.
func (r *rig) metric(name string) string {
	r.t.Helper()
	handler, err := r.agent.metricsHandler(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	reply := httptest.NewRecorder()
	handler.ServeHTTP(reply, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(reply.Body.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// observed is the database as a fresh connection reads it.
func (r *rig) observed() vswitch.Observed {
	r.t.Helper()
	return observeAt(r.t, r.host)
}

// wallClock is the machine's.
type wallClock struct{}

func (wallClock) Now() time.Time                         { return time.Now() }
func (wallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// logBook keeps what an agent logs and shows it when the test fails.
type logBook struct {
	t    *testing.T
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.t.Log(strings.TrimSpace(string(p)))
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// says waits for words in the log.
func (r *rig) says(words string) {
	r.t.Helper()
	r.until(fmt.Sprintf("the log says %q", words), func() error {
		if !strings.Contains(r.log.String(), words) {
			return errors.New("it does not")
		}
		return nil
	})
}

// apply performs what an operator's `host apply` asks for, and returns what the
// operator is told of it.
func (r *rig) apply(request api.ApplyRequest) (api.Result, error) {
	r.t.Helper()
	request.Profile = r.text(request.Profile)
	request.Name = "host.yaml"
	return r.api.Apply(r.limit(), request, func(line string) { r.t.Log("apply: " + line) })
}

// release gives everything back, as an operator's `host release` asks for.
func (r *rig) release() (api.ReleaseResult, error) {
	r.t.Helper()
	return r.api.Release(r.limit(), api.ReleaseRequest{})
}
