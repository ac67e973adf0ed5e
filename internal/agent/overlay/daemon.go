// Package overlay is the part of the daemon that carries out the overlay section of a
// profile: it follows the store of the logical network, keeps this host's share of it on
// the switch by OpenFlow, tells the store what is here, answers guests, and shows what is
// laid. It holds the connections to the store and to the bridges; what is to be on them
// is computed by flows.
package overlay

import (
	"context"
	"log/slog"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// Daemon is what the network asks of the daemon around it. Its methods are safe for
// concurrent use.
type Daemon interface {
	// Overlay is this host's part in the network, nil where the profile in force has
	// none, and the host's name in it. The value is another one when the part is.
	Overlay() (*logical.Overlay, string)
	// Sampling is how ports are sampled for flow records.
	Sampling() flows.Sampling
	// Observe reads what the switch's database holds now.
	Observe(context.Context) (vswitch.Observed, error)
	// Call asks ovs-vswitchd by its control socket.
	Call(ctx context.Context, command string, args ...string) (string, error)
	// Uplinks are the NICs of each bridge, by its name; none where they cannot be read.
	Uplinks(context.Context) map[string][]Uplink
	// Pass asks for a pass, which makes the ports that Ports names. It does not wait.
	Pass(reason string)
}

// Uplink is a NIC by which tunnels may leave, as the switch tells of it.
type Uplink struct {
	Name      string
	Link      string       // "up" or "down"; "" = not told
	Losses    []api.Reason // what it drops now, and what helps
	Undecided bool         // whether it drops anything now takes another look, some seconds later, to tell
}

// Clock is time as the network sees it.
type Clock interface {
	Now() time.Time
	// After returns a channel that gets the time once d has passed.
	After(d time.Duration) <-chan time.Time
}

// New returns a network that does nothing until Run. All it is given is required.
func New(opt Options, d Daemon, clock Clock, log *slog.Logger, recorder *monitor.Recorder) *Network {
	return &Network{
		opt: opt, log: log, clock: clock, daemon: d,
		wake: make(chan struct{}, 1), wakeUnderlay: make(chan struct{}, 1), begin: make(chan struct{}, 1), news: make(chan struct{}, 1),
		questions: make(chan *conversation, 1), recorder: recorder, asks: make(chan func(*laidSwitch)),
		narrow: narrowing{above: opt.NarrowAbove},
	}
}
