package agent

import (
	"syscall"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// pause stops a process of the test's own, proceed lets it go on.
func pause(t *testing.T, pid int) { send(t, pid, syscall.SIGSTOP) }

func proceed(t *testing.T, pid int) { send(t, pid, syscall.SIGCONT) }

func send(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

// wire lays a cable to nowhere in the host: slwire0 is for a port.
func wire(t *testing.T, h *lab.Host) {
	t.Helper()
	if _, _, err := lab.Link(h, "slwire0", h, "slwire1"); err != nil {
		t.Fatal(err)
	}
}
