package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/monitor"
)

// openflow asks bridges for the counters of their tables and meters, over a
// connection that is kept. A bridge that does not speak OpenFlow 1.5 tells nothing. What
// meets no flow on a bridge is dropped by the datapath all the same, as ofconn.Open lets
// OVS know that the connection speaks 1.5; it is kept, because in the instant before that
// OVS takes it for one of 1.0.
func (m *scraper) openflow(s *reading) func(context.Context) partResult {
	return s.asked(func(ctx context.Context) (func(), error) {
		var names []string
		var places []int
		for i, b := range s.snap.Bridges {
			names, places = append(names, b.Name), append(places, i)
		}
		m.bridges.keep(names)
		told := make([]bridgeCounts, len(names))
		var all sync.WaitGroup
		for i, name := range names {
			all.Go(func() { told[i] = m.bridges.ask(ctx, name) })
		}
		all.Wait()
		var errs []error
		for i, t := range told {
			if t.err != nil && !errors.Is(t.err, ofconn.ErrVersion) {
				errs = append(errs, fmt.Errorf("bridge %s: %w", names[i], t.err))
			}
		}
		return func() {
			for i, t := range told {
				b := &s.snap.Bridges[places[i]]
				b.Flows, b.Meters = t.flows, t.meters
			}
		}, errors.Join(errs...)
	})
}

// bridgeCounts is what one bridge told.
type bridgeCounts struct {
	flows  *uint64
	meters []monitor.MeterSample
	err    error
}

// bridgeSessions keeps a connection to each bridge. It is used by one snapshot at
// a time, but for close.
type bridgeSessions struct {
	runDir string

	mu     sync.Mutex
	open   map[string]*ofconn.Session
	closed bool
}

// keep closes connections to bridges that are none of these.
func (b *bridgeSessions) keep(names []string) {
	for _, session := range b.unneeded(names) {
		session.Close()
	}
}

// unneeded takes out the connections to bridges that are none of these.
func (b *bridgeSessions) unneeded(names []string) map[string]*ofconn.Session {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := map[string]*ofconn.Session{}
	for _, name := range names {
		if session := b.open[name]; session != nil && session.Err() == nil {
			left[name] = session
			delete(b.open, name)
		}
	}
	unneeded := b.open
	b.open = left
	return unneeded
}

// close closes all connections and lets no more be opened.
func (b *bridgeSessions) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.keep(nil)
}

// session returns the connection to a bridge.
func (b *bridgeSessions) session(ctx context.Context, bridge string) (*ofconn.Session, error) {
	b.mu.Lock()
	session := b.open[bridge]
	b.mu.Unlock()
	if session != nil {
		return session, nil
	}
	session, err := ofconn.Dial(ctx, ofconn.Socket(b.runDir, bridge))
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	closed := b.closed
	if !closed {
		b.open[bridge] = session
	}
	b.mu.Unlock()
	if closed {
		session.Close()
		return nil, ofconn.ErrClosed
	}
	return session, nil
}

// ask asks one bridge.
func (b *bridgeSessions) ask(ctx context.Context, bridge string) bridgeCounts {
	if strings.Contains(bridge, "/") {
		return bridgeCounts{} // OVS makes no such bridge, and its socket would be anywhere
	}
	session, err := b.session(ctx, bridge)
	if err != nil {
		return bridgeCounts{err: err}
	}
	var (
		meters    []openflow.MeterCounts
		unmetered error
		both      sync.WaitGroup
	)
	both.Go(func() { meters, unmetered = session.MeterStats(ctx) })
	tables, err := session.TableStats(ctx)
	both.Wait()
	if err != nil {
		return bridgeCounts{err: err}
	}
	var flows uint64
	for _, t := range tables {
		flows += uint64(t.Active)
	}
	return bridgeCounts{flows: &flows, meters: meterSamples(meters), err: unmetered}
}

func meterSamples(meters []openflow.MeterCounts) []monitor.MeterSample {
	var out []monitor.MeterSample
	for _, m := range meters {
		sample := monitor.MeterSample{ID: m.ID, Packets: m.Packets, Bytes: m.Bytes}
		for _, band := range m.Bands {
			sample.Bands = append(sample.Bands, monitor.MeterBand{Packets: band.Packets, Bytes: band.Bytes})
		}
		out = append(out, sample)
	}
	return out
}
