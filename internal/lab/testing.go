package lab

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// T is the part of testing.TB that the lab uses. (testing.TB itself would link
// package testing into programs that stand on the lab.)
type T interface {
	Helper()
	Cleanup(f func())
	Context() context.Context
	Failed() bool
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	Logf(format string, args ...any)
}

// unitOnly is the value of SLUICE_TESTS that leaves out all tests on the lab:
// `make test` runs them apart from the unit tests.
const unitOnly = "unit"

// Require skips the test when something is missing, and fails it where CI=true
// says that everything must be there. Pass it what Missing and its kin return.
func Require(t T, missing ...string) {
	t.Helper()
	if os.Getenv("SLUICE_TESTS") == unitOnly {
		t.Skipf("SLUICE_TESTS=%s", unitOnly)
	}
	if len(missing) == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("CI=true, but this machine lacks %s", strings.Join(missing, "; "))
	}
	t.Skipf("this machine lacks %s", strings.Join(missing, "; "))
}

// Tool returns the path of a program that a test asks for its opinion; where it
// is missing, the test skips or fails as with Require. pkg is the package that
// "setup.sh packages tests" installs for it.
func Tool(t T, program, pkg string) string {
	t.Helper()
	name, err := exec.LookPath(program)
	if err != nil {
		Require(t, fmt.Sprintf("package %s (%s)", pkg, program))
	}
	return name
}

// startTimeout bounds the start of a host: it takes two seconds on an idle
// machine, most of it for the zeroing of hugepages.
const startTimeout = time.Minute

// New starts a host for a test and closes it when the test ends. It skips as
// Require does, and fails the test if ovs-vswitchd logged an unexpected warning or
// ended by itself, or if the host cannot be closed cleanly. A failed test shows
// the end of the log.
func New(t T, o Options) *Host {
	t.Helper()
	Require(t, Missing(o)...)
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	h, err := Start(ctx, o)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() {
		lines, err := h.CheckLog()
		if err != nil {
			t.Errorf("%v", err)
		}
		for _, l := range lines {
			t.Errorf("unexpected in ovs-vswitchd.log: %s", l.Raw)
		}
		if t.Failed() {
			text, _ := os.ReadFile(h.LogPath())
			t.Logf("end of %s:\n%s", h.LogPath(), lastLines(string(text), 40))
		}
		if err := h.Close(); err != nil {
			t.Errorf("%v", err)
		}
	})
	return h
}
