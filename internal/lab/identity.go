package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// prefix begins the name of every network namespace of the lab.
const prefix = "sluice-"

// identity is a process for as long as it lives: its number is given out again,
// the pair with its start time is not.
type identity struct {
	PID int `json:"pid"`
	// Start is in clock ticks since boot (proc(5), stat, field 22).
	Start uint64 `json:"start"`
}

// identify reads the identity of the process pid. The error is fs.ErrNotExist
// where there is none.
func identify(pid int) (identity, error) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return identity{}, err
	}
	// The second field is the command in parentheses, and may hold spaces and
	// parentheses itself: count from the last one. Field 22 is the 20th after it.
	_, rest, _ := cutLast(string(stat), ")")
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return identity{}, fmt.Errorf("/proc/%d/stat: %d fields after the command, want 20 or more", pid, len(fields))
	}
	start, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return identity{}, fmt.Errorf("/proc/%d/stat: start time: %w", pid, err)
	}
	// A zombie holds its number, and nothing else.
	if fields[0] == "Z" || fields[0] == "X" {
		return identity{}, fmt.Errorf("/proc/%d/stat: process has ended: %w", pid, os.ErrNotExist)
	}
	return identity{PID: pid, Start: start}, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// alive tells whether the process still runs. What cannot be read counts as
// alive: sweeping spares what it is not sure of.
func (i identity) alive() bool {
	now, err := identify(i.PID)
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	return now == i
}

// id names one lab host: its owner and a number that is unique within it.
type id struct {
	owner identity
	n     int
}

func (i id) String() string {
	return fmt.Sprintf("%d-%d-%d", i.owner.PID, i.owner.Start, i.n)
}

// parseID reads what id.String wrote.
func parseID(s string) (id, error) {
	var i id
	if n, err := fmt.Sscanf(s, "%d-%d-%d", &i.owner.PID, &i.owner.Start, &i.n); err != nil || n != 3 || i.String() != s {
		return id{}, fmt.Errorf("%q is no name of a lab host", s)
	}
	return i, nil
}

// StateDir is the folder below which every lab host of this user has its own.
// It is short, as paths of unix sockets end at 107 bytes.
func StateDir() string {
	if os.Geteuid() == 0 {
		return "/run/sluice-lab"
	}
	return filepath.Join(os.TempDir(), "sluice-lab-"+strconv.Itoa(os.Geteuid()))
}

// stateDir is StateDir if it can be trusted with what Sweep believes: it is a
// directory of this user's. That there is none is fs.ErrNotExist.
func stateDir() (string, error) {
	dir := StateDir()
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s is not a directory of this user", dir)
	}
	return dir, nil
}

// makeDir takes the first free name of this process and makes its directory, which
// is at the same time the record that Sweep reads: it exists before anything else
// of the host does.
func makeDir() (id, string, error) {
	self, err := identify(os.Getpid())
	if err != nil {
		return id{}, "", err
	}
	for n := 1; ; {
		if err := os.MkdirAll(StateDir(), 0o755); err != nil {
			return id{}, "", err
		}
		state, err := stateDir()
		if err != nil {
			return id{}, "", err
		}
		i := id{owner: self, n: n}
		dir := filepath.Join(state, i.String())
		err = os.Mkdir(dir, 0o755)
		switch {
		case errors.Is(err, os.ErrExist):
			n++
		case errors.Is(err, os.ErrNotExist):
			// Another removed the empty state directory just now.
		default:
			return i, dir, err
		}
	}
}

// removeDir removes a host's directory, and the state directory after the last.
func removeDir(dir string) error {
	err := os.RemoveAll(dir)
	// It fails while others are in it.
	_ = os.Remove(StateDir())
	return err
}
