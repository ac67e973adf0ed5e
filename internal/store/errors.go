package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

var (
	// ErrDisconnected means that no server could be asked: nothing was done.
	ErrDisconnected = errors.New("no connection to the store")
	// ErrCredentials means that the certificate, its key or the CA to reach the store
	// with cannot be used: nobody was asked.
	ErrCredentials = errors.New("credentials for the store")
	// ErrUncertain means that the connection ended before the answer: the change
	// may have been made. Look before doing it again.
	ErrUncertain = errors.New("the connection ended before the answer, the change may have been made")
	// ErrNoDatabase means that the server has no database of ours: make it with
	// `sluicectl store init`, or let the daemon add the local one.
	ErrNoDatabase = errors.New("the server has no database " + Database)
	// ErrForbidden means that the certificate may not write this: in a fleet with
	// roles, the logical network is written with an operator's.
	ErrForbidden = errors.New("this certificate may not write that: use an operator's (--ca --cert --key)")
	// ErrOldSchema means that the store was made by an earlier release, and lacks
	// what was to be written.
	ErrOldSchema = errors.New("the store has the schema of an earlier release: sluicectl store upgrade")
	// ErrRuns means that Run was called while it runs.
	ErrRuns = errors.New("the store is followed already")
	// ErrBusy means that others wrote at the same time, again and again.
	ErrBusy = errors.New("others keep changing the store: try again")
)

// RemoteError is the server's refusal.
type RemoteError struct {
	Code    string // "constraint violation", "timed out", "permission error", ...
	Details string
}

// Error returns the server's words.
func (e *RemoteError) Error() string {
	if e.Details == "" {
		return e.Code
	}
	return e.Code + ": " + e.Details
}

// Is makes a "permission error" match ErrForbidden.
func (e *RemoteError) Is(target error) bool {
	switch target {
	case ErrForbidden:
		return e.Code == "permission error"
	case ErrOldSchema:
		return e.Code == "unknown column" || e.Code == "unknown table"
	case ErrNoDatabase:
		return e.Code == "unknown database"
	}
	return false
}

// remoteError reads what stands in a reply's or an operation's error.
func remoteError(v value) *RemoteError {
	e := &RemoteError{}
	if code, err := v.text(); err == nil {
		e.Code = code
		return e
	}
	err := v.object(func(k string, v value) error {
		s, err := v.text()
		if err != nil {
			return nil //nolint:nilerr // further members are of no use here
		}
		switch k {
		case "error":
			e.Code = s
		case "details":
			e.Details = s
		}
		return nil
	})
	if err != nil || e.Code == "" {
		e.Code, e.Details = "unintelligible error", fmt.Sprintf("%.200s", v)
	}
	return e
}

// InUseError says that an object cannot be deleted because others need it.
type InUseError struct {
	Kind logical.Kind
	Name string
	By   []string // "port web1", ...; at most a few
	More int      // how many further
}

// Error names them, and the way out.
func (e *InUseError) Error() string {
	by := strings.Join(e.By, ", ")
	if e.More > 0 {
		by += fmt.Sprintf(" and %d more", e.More)
	}
	remedy := "delete them first"
	if e.Kind == logical.KindSwitch || e.Kind == logical.KindRouter {
		remedy += ", or all together with -r"
	}
	return fmt.Sprintf("%s %s is needed by %s: %s", e.Kind, e.Name, by, remedy)
}
