package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
)

// Cmd is an exec.Cmd that starts in a lab host: in its network namespace, with
// OVS_RUNDIR and its kin set to the host's directory, in a process group of its
// own (an interrupt at the terminal reaches the owner alone), and killed by the
// kernel when the owner dies. Fields are set before Start as on any exec.Cmd.
//
// The methods below replace those of exec.Cmd; Wait may be called by several
// goroutines and more than once.
type Cmd struct {
	*exec.Cmd
	host *Host
	// match is what the command line of the process must contain for Sweep to
	// take it for this one; by default the first argument's base name.
	match  string
	record string // file of the record, once started
	wait   sync.Once
	done   chan struct{} // closed by Wait
	err    error
}

// children are the commands of a host that were started and not waited for.
type children struct {
	mu  sync.Mutex
	set map[*Cmd]struct{}
}

func (s *children) add(c *Cmd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil {
		s.set = make(map[*Cmd]struct{})
	}
	s.set[c] = struct{}{}
}

func (s *children) remove(c *Cmd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.set, c)
}

// killExcept ends all but the given commands.
func (s *children) killExcept(keep ...*Cmd) error {
	s.mu.Lock()
	var doomed []*Cmd
	for c := range s.set {
		if !slices.Contains(keep, c) {
			doomed = append(doomed, c)
		}
	}
	s.mu.Unlock()
	var errs []error
	for _, c := range doomed {
		errs = append(errs, c.Kill())
	}
	return errors.Join(errs...)
}

// record is what is written about a child for Sweep to find it by.
type record struct {
	identity
	Match string `json:"match"`
}

// Command returns a command that will run in the host; ctx kills it as
// exec.CommandContext does, and Close does so too. Nothing runs yet.
func (h *Host) Command(ctx context.Context, name string, args ...string) *Cmd {
	c := &Cmd{
		Cmd: exec.CommandContext(ctx, name, args...), host: h,
		match: filepath.Base(name), done: make(chan struct{}),
	}
	c.Env = append(os.Environ(), h.Environ()...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return c
}

// Environ are the variables, as "KEY=value", that point Open vSwitch's tools and
// DPDK at this host.
func (h *Host) Environ() []string {
	return []string{
		"OVS_RUNDIR=" + h.dir, "OVS_DBDIR=" + h.dir, "OVS_LOGDIR=" + h.dir, "OVS_SYSCONFDIR=" + h.dir,
		// Where EAL makes its dpdk/ folder (lib/eal/common/eal_common_config.c).
		"RUNTIME_DIRECTORY=" + h.dir,
	}
}

// Start starts the command in the host.
func (c *Cmd) Start() error {
	err := c.host.thread.do(c.Cmd.Start)
	if err != nil {
		return fmt.Errorf("start %s: %w", c.Args[0], err)
	}
	c.host.children.add(c)
	return c.writeRecord()
}

func (c *Cmd) writeRecord() error {
	who, err := identify(c.Process.Pid)
	if errors.Is(err, os.ErrNotExist) {
		return nil // ended already
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(record{identity: who, Match: c.match})
	if err != nil {
		return err
	}
	c.record = filepath.Join(c.host.dir, strconv.Itoa(who.PID)+recordSuffix)
	return os.WriteFile(c.record, text, 0o644)
}

const recordSuffix = ".child.json"

// Wait waits for the command to end and returns what exec.Cmd.Wait does.
func (c *Cmd) Wait() error {
	c.wait.Do(func() {
		c.err = c.Cmd.Wait()
		close(c.done)
		c.host.children.remove(c)
		if c.record == "" {
			return
		}
		if err := os.Remove(c.record); err != nil && !errors.Is(err, os.ErrNotExist) {
			c.err = errors.Join(c.err, err)
		}
	})
	return c.err
}

// Kill ends the process with SIGKILL and returns when it is gone. A process that
// ended before is no error.
func (c *Cmd) Kill() error {
	if c.Process == nil {
		return nil
	}
	if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", c.Args[0], err)
	}
	// How it ended is told to whoever waits for it; here it is gone.
	_ = c.Wait()
	return nil
}

// Stop asks the process to end with SIGTERM and returns when it is gone; when ctx
// ends first it is killed, and that is an error. How it exited is left to Wait.
// No pipe of the command may still be read.
func (c *Cmd) Stop(ctx context.Context) error {
	if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", c.Args[0], err)
	}
	// Ends with the process.
	go func() { _ = c.Wait() }()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("stop %s: %w", c.Args[0], ctx.Err()), c.Kill())
	}
}

// Run starts the command and waits for it.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the command and returns what it printed on standard output. The
// error holds what it printed on standard error.
func (c *Cmd) Output() ([]byte, error) {
	var out, diag bytes.Buffer
	c.Stdout = &out
	if c.Stderr == nil {
		c.Stderr = &diag
	}
	if err := c.Run(); err != nil {
		return out.Bytes(), fmt.Errorf("%s: %w: %s", c.Args[0], err, bytes.TrimSpace(diag.Bytes()))
	}
	return out.Bytes(), nil
}

// CombinedOutput runs the command and returns what it printed on both outputs.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, io.Writer(&out)
	err := c.Run()
	return out.Bytes(), err
}
