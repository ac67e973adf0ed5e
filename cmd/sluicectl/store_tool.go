package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/sluice-nfv/sluice/internal/api"
)

// runner runs a program, and returns what it had to say when it failed.
type runner func(ctx context.Context, program string, args ...string) error

// runTool runs ovsdb-tool and systemctl for those who make a member of the store
// of this machine. Nothing else of this tool starts programs, but sluicectl perf.
func runTool(ctx context.Context, program string, args ...string) error {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return api.NotFound("%s is not installed", program).WithFix("install Open vSwitch's packages (Debian: openvswitch-common), and run under systemd")
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
