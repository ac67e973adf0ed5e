package agent

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// built is the daemon's binary, made by the first test that starts it.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sluiced-test-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // one test starts it as nobody
		return "", err
	}
	name := filepath.Join(dir, "sluiced")
	out, err := exec.Command("go", "build", "-o", name, "github.com/sluice-nfv/sluice/cmd/sluiced").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return name, nil
})

// agentVariable makes a process of the test's binary a daemon that looks around
// often: the real one's timer takes half a minute. Its value is the run directory.
const agentVariable = "SLUICE_TEST_AGENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(agentVariable); dir != "" {
		os.Exit(runAgent(dir, os.Getenv(agentVariable+"_PROFILE")))
	}
	code := m.Run()
	if name, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(name))
	}
	os.Exit(code)
}

func runAgent(dir, profile string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a := New(Options{
		Profile: profile, Vars: profile + ".vars", Hostname: "lab", Database: "unix:" + filepath.Join(dir, "db.sock"), RunDir: dir,
		Host: host.NewFS("/"), Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Every: 300 * time.Millisecond, Clock: wallClock{},
	})
	if err := a.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// often starts such a process instead of the real daemon.
func often(r *rig, c *lab.Cmd) {
	exe, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	c.Path, c.Args = exe, []string{exe}
	c.Env = append(c.Env, agentVariable+"="+r.host.RunDir(), agentVariable+"_PROFILE="+r.profile)
}

// sluiced is a running daemon of its own process, in the host's namespace.
type sluiced struct {
	*lab.Cmd
	log *logBook
}

// sluiced starts the daemon's binary on the rig's host. The kernel kills it with
// the test.
func (r *rig) sluiced(change ...func(*rig, *lab.Cmd)) *sluiced {
	r.t.Helper()
	name, err := built()
	if err != nil {
		r.t.Fatal(err)
	}
	settings := filepath.Join(filepath.Dir(r.profile), "sluiced.yaml")
	if err := os.WriteFile(settings, nil, 0o644); err != nil {
		r.t.Fatal(err)
	}
	d := &sluiced{log: &logBook{t: r.t}}
	d.Cmd = r.host.Command(context.WithoutCancel(r.t.Context()), name, "--settings", settings,
		"--profile", r.profile, "--vars", r.profile+".vars", "--ovs-run-dir", r.host.RunDir(),
		"--api-socket", filepath.Join(filepath.Dir(r.profile), "sluice.sock"), "--metrics-listen", "", "--log-format", "text")
	d.Stderr, d.Dir = d.log, filepath.Dir(r.profile)
	for _, f := range change {
		f(r, d.Cmd)
	}
	if err := d.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = d.Kill() })
	return d
}

// kill ends the daemon as `kill -9` does.
func (d *sluiced) kill(t *testing.T) {
	t.Helper()
	if err := d.Kill(); err != nil {
		t.Fatal(err)
	}
}

// terminate ends the daemon as a service manager does.
func (d *sluiced) terminate(t *testing.T) {
	t.Helper()
	send(t, d.Process.Pid, syscall.SIGTERM)
	if err := d.Wait(); err != nil {
		t.Errorf("the daemon ended with %v", err)
	}
}

// A daemon that may not open the database says so, goes on trying, and works
// once it may.
func TestDatabasePermissionDenied(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.write(twoBridges)
	for name, mode := range map[string]os.FileMode{r.profile: 0o644, filepath.Dir(r.profile): 0o777, filepath.Dir(filepath.Dir(r.profile)): 0o755} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(r.host.DBSocket(), 0); err != nil {
		t.Fatal(err)
	}
	d := r.sluiced(func(_ *rig, c *lab.Cmd) {
		if os.Geteuid() == 0 { // whom no mode keeps out
			c.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		}
	})
	d.says(r, "connect: permission denied")
	if err := os.Chmod(r.host.DBSocket(), 0o777); err != nil {
		t.Fatal(err)
	}
	d.says(r, "connected to the database")
	r.reads("br0\nbr1", "list-br")
	d.terminate(t)
	if n := strings.Count(d.log.String(), "permission denied"); n > 4 {
		t.Errorf("the daemon said %d times that it may not:\n%s", n, d.log)
	}
}

// The real daemon does its work and ends when it is told to, leaving all as it is.
func TestDaemon(t *testing.T) {
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.write(twoBridges)
	d := r.sluiced()
	r.reads("br0\nbr1", "list-br")
	d.says(r, "result=converged")
	before := dump(r.observed())
	d.terminate(t)
	if after := dump(r.observed()); after != before {
		t.Errorf("ending, the daemon changed the database from\n%s\nto\n%s", before, after)
	}
	if strings.Contains(d.log.String(), "level=ERROR") {
		t.Errorf("the daemon logged errors:\n%s", d.log)
	}
}

// says waits for words in the daemon's log.
func (d *sluiced) says(r *rig, words string) {
	r.t.Helper()
	r.until(fmt.Sprintf("the daemon says %q", words), func() error {
		if text := d.log.String(); !strings.Contains(text, words) {
			return fmt.Errorf("it says\n%s", text)
		}
		return nil
	})
}
