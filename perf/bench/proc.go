package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what the kernel knows of a process at one instant.
type usage struct {
	CPU      time.Duration // user and system time of all its threads
	Resident uint64        // bytes: VmRSS
	// ChildFaults are the page faults of children that ended and were waited for,
	// since the process began. A child cannot run without any: zero means that
	// there was none.
	ChildFaults uint64
	Children    int // that run or were not waited for
}

// usageOf reads it.
func usageOf(pid int) (usage, error) {
	var u usage
	var now unix.Timespec
	// The clock that clock_getcpuclockid(3) gives for a process; in nanoseconds,
	// where /proc has hundredths of seconds.
	if err := unix.ClockGettime(int32(^pid<<3|2), &now); err != nil {
		return u, fmt.Errorf("CPU clock of process %d: %w", pid, err)
	}
	u.CPU = time.Duration(now.Nano())
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	if u.Resident, err = parseResident(string(status)); err != nil {
		return u, fmt.Errorf("/proc/%d/status: %w", pid, err)
	}
	stat, err := parseStat(read(fmt.Sprintf("/proc/%d/stat", pid)))
	if err != nil {
		return u, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	u.ChildFaults = stat.childFaults
	u.Children, err = countChildren(pid)
	return u, err
}

// countChildren looks through all processes: the kernel may be built without
// /proc/PID/task/TID/children.
func countChildren(pid int) (int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	n := 0
	for _, f := range files {
		// A process that has ended meanwhile reads as nothing.
		if stat, err := parseStat(read(f)); err == nil && stat.parent == pid {
			n++
		}
	}
	return n, nil
}

// stat is what is needed of /proc/PID/stat.
type stat struct {
	parent      int
	childFaults uint64
}

// parseStat reads /proc/PID/stat (proc(5), the same since Linux 2.6): ppid is
// field 4, cminflt 11, cmajflt 13. Field 2 is the command in parentheses, with
// blanks and parentheses of its own: count from the last one.
func parseStat(text string) (stat, error) {
	i := strings.LastIndex(text, ")")
	fields := strings.Fields(text[i+1:])
	if i < 0 || len(fields) < 11 {
		return stat{}, fmt.Errorf("%q is no line of a process", text)
	}
	parent, err1 := strconv.Atoi(fields[1])
	minor, err2 := strconv.ParseUint(fields[8], 10, 64)
	major, err3 := strconv.ParseUint(fields[10], 10, 64)
	return stat{parent: parent, childFaults: minor + major}, errors.Join(err1, err2, err3)
}

// parseResident reads VmRSS of /proc/PID/status in bytes.
func parseResident(text string) (uint64, error) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "VmRSS:")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) != 2 || fields[1] != "kB" {
			return 0, fmt.Errorf("%q: not in kB", line)
		}
		kib, err := strconv.ParseUint(fields[0], 10, 54)
		return kib << 10, err
	}
	return 0, errors.New("no VmRSS")
}
