package main

import (
	"errors"
	"fmt"
	"strings"

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
	case errors.As(err, &remote):
		code = codeOf(remote.Code)
	case strings.HasPrefix(words, "unknown command"), strings.Contains(words, "arg(s)"):
		code, words = exitUsage, words+suggestion(words)
	}
	if words != "" {
		fmt.Fprintf(a.stderr, "sluicectl: %s\n", words)
	}
	if remote != nil && remote.Fix != "" {
		fmt.Fprintf(a.stderr, "  -> %s\n", remote.Fix)
	}
	return code
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

// suggestion helps who forgot the noun: `sluicectl plan` means `host plan`.
func suggestion(words string) string {
	for _, verb := range []string{"reference", "schema", "facts", "check", "plan", "apply", "status", "adopt", "release"} {
		if strings.Contains(words, `"`+verb+`"`) {
			return "\n  -> sluicectl host " + verb
		}
	}
	for _, verb := range []string{"list", "show", "explain"} {
		if strings.Contains(words, `"`+verb+`"`) {
			return "\n  -> sluicectl port " + verb
		}
	}
	return "\n  -> sluicectl --help"
}
