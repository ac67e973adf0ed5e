package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
)

// Exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitNotFound = 3
	exitConflict = 4
	exitToDo     = 5
)

// codeError ends the call with a code; without words nothing more is printed.
type codeError struct {
	code  int
	words string
}

func (e *codeError) Error() string { return e.words }

func usagef(format string, args ...any) error {
	return &codeError{exitUsage, fmt.Sprintf(format, args...)}
}

// exit prints an error with its remedy and returns the code it ends with.
func (a *app) exit(err error) int {
	if err == nil {
		return exitDone
	}
	code, words := exitFailed, err.Error()
	var own *codeError
	var remote *api.Error
	switch {
	case errors.As(err, &own):
		code = own.code
	case errors.As(err, &remote) && remote.Code == api.CodeUnavailable && a.noSocket():
		remote = api.Usage("%s is no socket", a.socketPath()).WithFix("name the daemon's socket with --socket, or leave that out")
		code, words = exitUsage, remote.Error()
	case errors.As(err, &remote):
		code = codeOf(remote.Code)
	}
	if words != "" {
		fmt.Fprintf(a.stderr, "sluicectl: %s\n", printable(words))
	}
	if remote != nil {
		a.explainError(remote)
	}
	return code
}

// explainError prints what comes with a daemon's error: findings and the remedy.
func (a *app) explainError(e *api.Error) {
	if len(e.Details) > 0 {
		_ = api.WriteFindings(a.stderr, e.Details, a.text()) // an error of standard error cannot be told
	}
	fix := e.Fix
	if group := a.socketGroup(); e.Code == api.CodePermission && group != "" {
		fix = letIn(group)
	}
	if fix != "" {
		fmt.Fprintf(a.stderr, "  -> %s\n", api.Printable(fix))
	}
}

// letIn says how one comes to use a socket of a group. Nobody joins root's.
func letIn(group string) string {
	if group == "root" {
		return "run as root, or set api.group in " + configs.DefaultSettingsFile + " to a group of yours and restart sluiced"
	}
	return fmt.Sprintf("run as root, or join the group %[1]s (usermod -aG %[1]s USER, then log in anew)", group)
}

// noSocket tells whether another kind of file is where the daemon's socket should
// be: it refuses connections as a socket does on which nobody listens.
func (a *app) noSocket() bool {
	info, err := os.Stat(a.socketPath())
	return err == nil && info.Mode()&fs.ModeSocket == 0
}

// socketGroup is the group that may use the daemon's socket; "" = not known.
func (a *app) socketGroup() string {
	info, err := os.Stat(a.socketPath())
	if err != nil {
		return ""
	}
	return groupOf(info)
}

// groupOf is a file's group, by number where it has no name.
func groupOf(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	gid := strconv.FormatUint(uint64(stat.Gid), 10)
	if g, err := user.LookupGroupId(gid); err == nil {
		return g.Name
	}
	return gid
}

// printable keeps line feeds: our own messages may have several lines.
func printable(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = api.Printable(line)
	}
	return strings.Join(lines, "\n")
}

func codeOf(c api.Code) int {
	switch c {
	case api.CodeUsage:
		return exitUsage
	case api.CodeNotFound:
		return exitNotFound
	case api.CodeConflict:
		return exitConflict
	case api.CodeFailed, api.CodeUnavailable, api.CodePermission:
		return exitFailed
	}
	return exitFailed
}
