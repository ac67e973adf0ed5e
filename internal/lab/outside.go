package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Outside returns a command that will run with the host's environment in the
// network namespace of this process, not the host's own: for a program that
// others on the machine are to reach. Else it is as Command.
func (h *Host) Outside(ctx context.Context, name string, args ...string) *Cmd {
	// The thread that starts commands is in the host's namespace: nsenter(1)
	// steps out of it, in the process that becomes the command.
	ours := fmt.Sprintf("--net=/proc/%d/ns/net", os.Getpid())
	c := h.Command(ctx, "nsenter", append([]string{ours, "--", name}, args...)...)
	c.match = filepath.Base(name)
	return c
}

// SocketDir is a folder for the host's vhost sockets, made by whoever uses it
// and removed with the host. It is not below StateDir, because a profile
// refuses socket directories that systemd empties.
func (h *Host) SocketDir() string { return socketDir(filepath.Base(h.dir)) }

// socketsDir has a folder for each host that uses its SocketDir.
const socketsDir = "/var/lib/sluice-lab"

func socketDir(host string) string { return filepath.Join(socketsDir, host) }
