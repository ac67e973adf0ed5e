package agent

import (
	"log/slog"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/sluice-nfv/sluice/internal/agent/overlay"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/monitor"
)

// Options is what a daemon is started with. Fields without a note are required.
type Options struct {
	Profile  string // path of the host profile
	Vars     string // path of the profile's variables; may not exist
	Hostname string // default name of a profile that has none

	Database string // "unix:/var/run/openvswitch/db.sock"
	RunDir   string // of ovs-vswitchd: where its control socket is

	Host host.FS // the host's root

	// API and Metrics are listeners that Run serves and closes; nil = none.
	API     net.Listener
	Metrics net.Listener
	// MetricsURL is what status tells of Metrics.
	MetricsURL string

	// Network says where the logical network is kept; nil = the overlay section of a
	// profile is not carried out.
	Network *overlay.Options
	// Reload delivers SIGHUP; nil = none.
	Reload <-chan os.Signal
	// Notify tells the service manager a state in words; nil = nobody.
	Notify func(state string)
	// Ready is called after the first pass, and after the first one that follows a
	// SIGHUP; Reloading is called when one came. nil = nobody.
	Ready, Reloading func()

	Log   *slog.Logger // nil = discard
	Clock Clock
	// Every is the pause after which a pass looks again although nothing
	// called; 0 = 30 s.
	Every time.Duration
	// MetricsWithout are the sets of metrics that are not shown.
	MetricsWithout []monitor.Set
	// ListenUDP opens the socket for flow records where the profile says; nil = in the
	// daemon's own network namespace.
	ListenUDP func(netip.AddrPort) (*net.UDPConn, error)
}

// Clock is time as the agent sees it.
type Clock interface {
	Now() time.Time
	// After returns a channel that gets the time once d has passed.
	After(d time.Duration) <-chan time.Time
}

func (o *Options) defaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Every == 0 {
		o.Every = 30 * time.Second
	}
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	if o.Reloading == nil {
		o.Reloading = func() {}
	}
	if o.ListenUDP == nil {
		o.ListenUDP = listenIPFIX
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
}
