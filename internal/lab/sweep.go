package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Sweep removes what hosts left whose owner is gone without Close: processes that
// the kernel did not end, network namespaces (and with them their devices), and
// directories with sockets and databases. It returns a line of words for each thing
// it removed. What has a living owner is spared, and so is a process whose start
// time or command line is not the recorded one. Sweeps may run side by side.
//
// Of hugepages nothing can be left: lab processes hold them in file descriptors.
func Sweep(ctx context.Context) ([]string, error) {
	var swept []string
	var errs []error
	state, err := stateDir()
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("sweep lab hosts: %w", err)
	}
	dirs, err := leftovers(state, "")
	errs = append(errs, err)
	for _, name := range dirs {
		dir := filepath.Join(state, name)
		killed, err := killRecorded(ctx, dir)
		swept, errs = append(swept, killed...), append(errs, err)
		if err != nil {
			continue // what still runs keeps its record
		}
		if err := errors.Join(os.RemoveAll(socketDir(name)), removeDir(dir)); err != nil {
			errs = append(errs, err)
			continue
		}
		swept = append(swept, "directory "+dir)
	}
	// Sockets' folders outlive a host that was killed while it closed.
	sockets, err := leftovers(socketsDir, "")
	errs = append(errs, err)
	for _, name := range sockets {
		swept, errs = append(swept, "directory "+socketDir(name)), append(errs, os.RemoveAll(socketDir(name)))
	}
	// Of another user's namespaces none can be deleted.
	if os.Geteuid() == 0 {
		names, err := leftovers(netnsDir, prefix)
		errs = append(errs, err)
		for _, name := range names {
			if err := deleteNetns(name); err != nil {
				errs = append(errs, err)
				continue
			}
			swept = append(swept, "network namespace "+name)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return swept, fmt.Errorf("sweep lab hosts: %w", err)
	}
	return swept, nil
}

// leftovers lists the entries of dir whose name is prefix and the id of a host
// with no owner.
func leftovers(dir, prefix string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), prefix)
		if !ours {
			continue
		}
		if i, err := parseID(rest); err == nil && !i.owner.alive() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// killRecorded ends the processes recorded in a host's directory and returns when
// they are gone.
func killRecorded(ctx context.Context, dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"+recordSuffix))
	if err != nil {
		return nil, err
	}
	var killed []string
	for _, file := range files {
		r, err := readRecord(file)
		if err != nil {
			return killed, err
		}
		if !r.runs() {
			continue
		}
		if err := syscall.Kill(r.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return killed, fmt.Errorf("kill %s (process %d): %w", r.Match, r.PID, err)
		}
		err = Until(ctx, fmt.Sprintf("%s (process %d) is gone", r.Match, r.PID), func(context.Context) error {
			if r.alive() {
				return errors.New("it still runs")
			}
			return nil
		})
		if err != nil {
			return killed, err
		}
		killed = append(killed, fmt.Sprintf("process %d (%s)", r.PID, r.Match))
	}
	return killed, nil
}

// readRecord reads what Cmd.writeRecord wrote. A file that was cut short by a kill
// in the middle of writing gives an empty record, which no process fits.
func readRecord(file string) (record, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return record{}, err
	}
	var r record
	if json.Unmarshal(text, &r) != nil {
		return record{}, nil
	}
	return r, nil
}

// runs tells whether the recorded process still runs and is what was recorded.
func (r record) runs() bool {
	if r.PID <= 0 || r.Match == "" || !r.alive() {
		return false
	}
	cmdline, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(r.PID), "cmdline"))
	return err == nil && bytes.Contains(cmdline, []byte(r.Match))
}
