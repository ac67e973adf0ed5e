package agent

import (
	"context"
	"errors"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

const (
	// askPatience is how long a question to the daemon waits for the switch's
	// main thread, which adds a port in some tenths of a second.
	askPatience = time.Second
	// readPatience is how long a pass waits with all that it asks to read back.
	readPatience = 5 * time.Second
	// applyPatience is how long an apply waits before it starts.
	applyPatience = 3 * time.Second
	// turnPatience is how long a command waits for a pass that waits for the
	// switch before it asks whether that hangs: EAL with many hugepages takes long.
	turnPatience = 20 * time.Second
)

// answers returns an error that names ovs-vswitchd where it runs and does not
// answer its control socket within patience, or nil. Who asked it something else
// instead would wait for that in vain, each time anew.
func (a *Agent) answers(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := a.ctl.Call(ctx, "version"); errors.Is(err, unixctl.ErrHung) {
		return err
	}
	return nil
}

// hung is the error of answers in the words of an API.
func hung(err error) error {
	return api.Unavailable("%w", err).WithFix("%s", hungFix)
}

// hungFix is what to do about a switch that does not answer.
const hungFix = `its log says what it is at ("Unreasonably long poll interval", "blocked waiting"); if it stays so, restart ovs-vswitchd, which interrupts every port`
