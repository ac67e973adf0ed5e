package unixctl_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// startOVS starts an ovsdb-server and an ovs-vswitchd with dummy devices in a
// run directory of their own, and returns it when both answer.
func startOVS(t *testing.T) string {
	t.Helper()
	lab.Require(t, lab.Missing(lab.Options{Dummy: true})...)
	dir := runDir(t)
	db := filepath.Join(dir, "conf.db")
	run(t, dir, "ovsdb-tool", "create", db, "/usr/share/openvswitch/vswitch.ovsschema")
	start(t, dir, "ovsdb-server", "--pidfile", "--remote=punix:"+dir+"/db.sock", db)
	waitFor(t, unixctl.New(dir, "ovsdb-server"))
	start(t, dir, "ovs-vswitchd", "--pidfile", "--enable-dummy=override", "--disable-system", "unix:"+dir+"/db.sock")
	waitFor(t, unixctl.New(dir, "ovs-vswitchd"))
	return dir
}

func command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "OVS_RUNDIR="+dir, "OVS_LOGDIR="+dir, "OVS_DBDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	if out, err := command(t, dir, name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func start(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := command(t, dir, name, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the context, done by now, has killed it
}

// waitFor returns when the server answers.
func waitFor(t *testing.T, c *unixctl.Client) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	limit := time.After(20 * time.Second)
	for {
		_, err := c.Call(t.Context(), "version")
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("%s does not answer: %v", c.Program, err)
		}
	}
}

func TestRealOVS(t *testing.T) {
	dir := startOVS(t)
	vswitchd := unixctl.New(dir, "ovs-vswitchd")

	text, err := vswitchd.Call(t.Context(), "version")
	if err != nil || !strings.HasPrefix(text, "ovs-vswitchd (Open vSwitch) ") || strings.HasSuffix(text, "\n") {
		t.Errorf("version: %q, %v", text, err)
	}
	text, err = unixctl.New(dir, "ovsdb-server").Call(t.Context(), "ovsdb-server/list-dbs")
	if err != nil || !strings.Contains(text, "Open_vSwitch") {
		t.Errorf("list-dbs: %q, %v", text, err)
	}
	for method, unknown := range map[string]bool{"nope": true, "dpif-netdev/pmd-rxq-show": false} {
		var refused *unixctl.CommandError
		if _, err := vswitchd.Call(t.Context(), method); !errors.As(err, &refused) || refused.IsUnknown() != unknown {
			t.Errorf("%s: got %v, want a CommandError with IsUnknown %t", method, err, unknown)
		}
	}
	if _, err := vswitchd.Call(t.Context(), "exit"); err != nil {
		t.Errorf("exit: %v", err)
	}
	limit := time.After(20 * time.Second)
	for {
		_, err := vswitchd.Call(t.Context(), "version")
		if errors.Is(err, unixctl.ErrNotRunning) {
			break
		}
		select {
		case <-limit:
			t.Fatalf("after exit: got %v, want ErrNotRunning", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
