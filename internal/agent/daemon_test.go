package agent

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// built is the daemon's binary, made by the first test that starts it.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sluiced-test-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "sluiced")
	out, err := exec.Command("go", "build", "-o", name, "github.com/sluice-nfv/sluice/cmd/sluiced").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return name, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if name, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(name))
	}
	os.Exit(code)
}

// sluiced is a running daemon of its own process, in the host's namespace.
type sluiced struct {
	*lab.Cmd
	log *logBook
}

// sluiced starts the daemon's binary on the rig's host. The kernel kills it with
// the test.
func (r *rig) sluiced(change ...func(*lab.Cmd)) *sluiced {
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
		"--api-socket", r.host.Path("sluice.sock"), "--metrics-listen", "", "--log-format", "text")
	d.Stderr = d.log
	for _, f := range change {
		f(d.Cmd)
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
	signal(t, d.Process.Pid, syscall.SIGTERM)
	if err := d.Wait(); err != nil {
		t.Errorf("the daemon ended with %v", err)
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
