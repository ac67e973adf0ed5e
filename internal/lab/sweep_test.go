package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ended returns the identity of a process that is gone.
func ended(t *testing.T) identity {
	t.Helper()
	c := exec.Command("cat") // waits for its input to end
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	who, err := identify(c.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	return who
}

// sleeper starts a process that outlives what it should.
func sleeper(t *testing.T) *exec.Cmd {
	t.Helper()
	c := exec.Command("sleep", "600")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c
}

// A process is killed only if number, start time and command line are the
// recorded ones.
func TestSweepKillsWhatItRecorded(t *testing.T) {
	var dirs []string
	leave := func(r record) {
		i := id{owner: ended(t), n: 1}
		dir := filepath.Join(StateDir(), i.String())
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(r.PID)+recordSuffix), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	who := func(c *exec.Cmd) identity {
		i, err := identify(c.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	ours, reused, other := sleeper(t), sleeper(t), sleeper(t)
	leave(record{identity: who(ours), Match: "sleep"})
	leave(record{identity: identity{PID: reused.Process.Pid, Start: who(reused).Start - 1}, Match: "sleep"})
	leave(record{identity: who(other), Match: "ovs-vswitchd"})
	leave(record{identity: ended(t), Match: "sleep"})

	swept, err := Sweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf("process %d (sleep)", ours.Process.Pid)
	if !slices.Contains(swept, line) {
		t.Errorf("swept %q, want %q among it", swept, line)
	}
	if who := (identity{PID: ours.Process.Pid}); who.alive() {
		t.Errorf("the recorded process still runs")
	}
	for _, c := range []*exec.Cmd{reused, other} {
		if !who(c).alive() {
			t.Errorf("process %d was killed, and was not the recorded one", c.Process.Pid)
		}
	}
	for _, dir := range dirs {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is still there (%v)", dir, err)
		}
	}
}

// A half-written record fits no process and does not stop the sweep.
func TestSweepOfTornRecord(t *testing.T) {
	i := id{owner: ended(t), n: 1}
	dir := filepath.Join(StateDir(), i.String())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "1"+recordSuffix), []byte(`{"pid":1,"sta`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", dir, err)
	}
}

// What has an owner is left alone.
func TestSweepSparesTheLiving(t *testing.T) {
	Require(t, Missing(Options{Dummy: true})...)
	h := New(t, Options{Dummy: true})
	if _, err := Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.AppCtl(t.Context(), "version"); err != nil {
		t.Error(err)
	}
}

// After kill -9 of the owner the kernel ends what it started, and Sweep removes
// the rest.
func TestKilledOwnerLeavesNothing(t *testing.T) {
	if os.Getenv("SLUICE_LAB_VICTIM") != "" {
		beVictim(t)
		return
	}
	Require(t, append(Missing(Options{DPDK: true}), MissingGuests()...)...)
	victim := exec.Command(os.Args[0], "-test.run=^TestKilledOwnerLeavesNothing$", "-test.v")
	victim.Env = append(os.Environ(), "SLUICE_LAB_VICTIM=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	name, children := readVictim(t, bufio.NewScanner(out))
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()

	if len(children) < 3 {
		t.Errorf("the victim had children %v, want ovsdb-server, ovs-vswitchd and a guest", children)
	}
	err = Until(t.Context(), "its children are gone", func(context.Context) error {
		for _, c := range children {
			if c.alive() {
				return fmt.Errorf("process %d still runs", c.PID)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	swept, err := Sweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(StateDir(), strings.TrimPrefix(name, prefix))
	for _, want := range []string{"directory " + dir, "network namespace " + name} {
		if !slices.Contains(swept, want) {
			t.Errorf("swept %q, want %q among it", swept, want)
		}
	}
	for _, path := range []string{dir, filepath.Join(netnsDir, name)} {
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Errorf("%s is still there (%v)", path, err)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), name) {
		t.Errorf("something of %s is still mounted:\n%s", name, mounts)
	}
}

// beVictim makes a host with a guest, tells of them and waits to be killed.
func beVictim(t *testing.T) {
	h, err := Start(t.Context(), Options{DPDK: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.StartVirtioUser(t.Context(), GuestOptions{Socket: h.Path("vm0.sock"), MAC: []byte{0x52, 0x54, 0, 0, 0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(h.Path("*" + recordSuffix))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(os.Stdout, "child %s\n", text)
	}
	fmt.Fprintf(os.Stdout, "host %s\n", h.Netns())
	<-t.Context().Done()
}

// readVictim reads what beVictim tells.
func readVictim(t *testing.T, s *bufio.Scanner) (name string, children []record) {
	t.Helper()
	for s.Scan() {
		if text, ok := strings.CutPrefix(s.Text(), "child "); ok {
			var r record
			if err := json.Unmarshal([]byte(text), &r); err != nil {
				t.Fatal(err)
			}
			children = append(children, r)
		}
		if name, ok := strings.CutPrefix(s.Text(), "host "); ok {
			return name, children
		}
	}
	t.Fatalf("the victim ended early: %v", s.Err())
	return "", nil
}
