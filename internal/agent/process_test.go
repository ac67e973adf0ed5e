package agent

import (
	"syscall"
	"testing"
)

// pause stops a process of the test's own, proceed lets it go on.
func pause(t *testing.T, pid int) { signal(t, pid, syscall.SIGSTOP) }

func proceed(t *testing.T, pid int) { signal(t, pid, syscall.SIGCONT) }

func signal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}
