package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"reflect"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// ipfixLook is how often the collector looks at the profile, the names of ports and
// hosts, and a socket that could not be opened.
const ipfixLook = time.Second

// collector takes the flow records that OVS exports to this host and adds them up. It
// writes nothing anywhere: the profile's pass makes OVS export.
type collector struct {
	log   *slog.Logger
	clock Clock
	// spec is what the profile asks for; nil = nothing.
	spec func() *ipfix.Spec
	// directory names ports and hosts as they are now, for one caller at a time.
	directory func() *ipfix.Directory
	// ask reads what OVS's exporters say of themselves.
	ask func(context.Context, *ipfix.Spec) ([]monitor.ExporterSample, error)
	// listen opens the socket; another network namespace has another one.
	listen func(netip.AddrPort) (*net.UDPConn, error)

	wake chan struct{} // the profile may ask for something else

	mu        sync.Mutex
	collected // under mu
}

// poke says that the profile may be another.
func (c *collector) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// collected is what the collector has.
type collected struct {
	inForce   *ipfix.Spec // nil = nothing is collected
	listening bool
	problem   error // why nothing is
	decoder   *ipfix.Decoder
	account   *ipfix.Account
	names     *ipfix.Directory
	drops     dropCount
	newest    time.Time
	exporters []monitor.ExporterSample
	unasked   error // why exporters are not known
}

// run collects whenever the profile asks for it, until ctx ends.
func (c *collector) run(ctx context.Context) error {
	for ctx.Err() == nil {
		spec := c.spec()
		if spec == nil || spec.Mode == ipfix.ModeOff {
			c.set(nil, nil)
			select {
			case <-ctx.Done():
			case <-c.wake:
			}
			continue
		}
		conn, err := c.listen(spec.Listen)
		if err != nil {
			c.refuse(spec, fmt.Errorf("listen for flow records at %s: %w", spec.Listen, err))
			c.wait(ctx)
			continue
		}
		c.set(spec, nil)
		c.log.Info("collecting flow records", "listen", spec.Listen, "mode", spec.Mode)
		if err := c.collect(ctx, spec, conn); err != nil {
			c.refuse(spec, err)
			c.wait(ctx)
		}
	}
	return nil
}

func (c *collector) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-c.wake:
	case <-c.clock.After(ipfixLook):
	}
}

// set begins to collect by a spec, or ends it; counts go on where they were as long as
// something is asked for.
func (c *collector) set(spec *ipfix.Spec, problem error) {
	names := c.directory() // under no lock of the collector's
	c.mu.Lock()
	defer c.mu.Unlock()
	if spec == nil {
		c.collected = collected{problem: problem}
		return
	}
	if c.account == nil {
		c.decoder, c.account = ipfix.NewDecoder(), ipfix.NewAccount(spec.MaxSeries)
	}
	c.account.Traffic.Limit(spec.MaxSeries)
	c.inForce, c.problem, c.listening = spec, problem, problem == nil
	c.drops.begin()
	c.names = names
}

// refuse notes why nothing is collected, and logs it where it is news.
func (c *collector) refuse(spec *ipfix.Spec, err error) {
	c.mu.Lock()
	news := c.problem == nil || c.problem.Error() != err.Error()
	c.mu.Unlock()
	c.set(spec, err)
	if news {
		c.log.Warn("no flow records are collected, trying again", "error", err)
	}
}

// errOther says that the profile asks for something else now.
var errOther = errors.New("the profile is another")

// collect reads the socket until ctx ends, the profile is another, or the socket fails.
func (c *collector) collect(ctx context.Context, spec *ipfix.Spec, conn *net.UDPConn) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.receive(ctx, conn) })
	group.Go(func() error { return c.watch(ctx, spec) })
	group.Go(func() error {
		<-ctx.Done()
		_ = conn.Close() // ends receive
		return nil
	})
	if err := group.Wait(); err != nil && !errors.Is(err, errOther) {
		return err
	}
	return nil
}

// watch looks at what may be another one by now.
func (c *collector) watch(ctx context.Context, spec *ipfix.Spec) error {
	var asked time.Time
	for {
		c.wait(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if !reflect.DeepEqual(c.spec(), spec) {
			return errOther
		}
		names := c.directory()
		c.mu.Lock()
		c.names = names
		c.mu.Unlock()
		if now := c.clock.Now(); now.Sub(asked) >= askExporters {
			asked = now
			c.askAll(ctx, spec)
		}
	}
}

// receive reads datagrams. What is in them cannot make it end.
func (c *collector) receive(ctx context.Context, conn *net.UDPConn) error {
	buffer, control := make([]byte, maxDatagram), make([]byte, controlLen)
	add := func(r *ipfix.Record) {
		c.newest = c.clock.Now()
		c.account.Add(r, c.names, c.newest)
	}
	for {
		n, oob, _, from, err := conn.ReadMsgUDPAddrPort(buffer, control)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("receive flow records: %w", err)
		}
		c.mu.Lock()
		c.drops.saw(control[:oob])
		// What is wrong with a message is counted by its reason; a log of it would be in
		// the hands of whoever sends it.
		_ = c.decoder.Decode(from, buffer[:n], c.clock.Now(), add)
		c.mu.Unlock()
	}
}
