package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
)

// Thread is one thread of a process with how often it left its CPU since it
// started: because it waited, and because the kernel put another in its place.
type Thread struct {
	ID                     int
	Name                   string // at most 15 bytes
	Voluntary, Involuntary uint64
}

// Threads returns the threads of a process, ascending by id. One that ends
// meanwhile is left out.
func (f FS) Threads(pid int) ([]Thread, error) {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	ids, err := f.numbered(dir, "")
	if err != nil {
		return nil, err
	}
	threads := make([]Thread, 0, len(ids))
	for _, id := range ids {
		name := fmt.Sprintf("%s/%d/status", dir, id)
		text, err := f.read(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t, err := parseThread(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		t.ID = id
		threads = append(threads, t)
	}
	return threads, nil
}

// parseThread reads what is wanted of status (proc_pid_status(5); fs/proc/array.c,
// proc_pid_status): Name, voluntary_ctxt_switches and nonvoluntary_ctxt_switches.
// The kernel escapes line ends in names.
func parseThread(b []byte) (Thread, error) {
	var t Thread
	found := 0
	for line := range bytes.Lines(b) {
		key, value, _ := strings.Cut(strings.TrimRight(string(line), "\n"), ":")
		value = strings.TrimSpace(value)
		var slot *uint64
		switch key {
		case "Name":
			t.Name = value
			found++
		case "voluntary_ctxt_switches":
			slot = &t.Voluntary
		case "nonvoluntary_ctxt_switches":
			slot = &t.Involuntary
		}
		if slot == nil {
			continue
		}
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return Thread{}, fmt.Errorf("%s: %q is no count", key, clip([]byte(value)))
		}
		*slot = n
		found++
	}
	if found != 3 {
		return Thread{}, fmt.Errorf("no name or no context switches in %q", clip(b))
	}
	return t, nil
}
