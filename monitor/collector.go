package monitor

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options are a collector's settings.
type Options struct {
	// Now is the clock. It must be set.
	Now func() time.Time
	// MaxAge is how old a snapshot may be to serve another scrape; 0 = 1 s.
	MaxAge time.Duration
	// Timeout bounds the reading of one snapshot; 0 = 2 s.
	Timeout time.Duration
	// Without are the sets of metrics that are not shown.
	Without []Set
}

// Collector shows snapshots of a switch to Prometheus: one snapshot a scrape,
// shared by scrapes at the same time. It is safe for concurrent use.
type Collector struct {
	share *share
	rows  [keyCount]Metric
	descs *descs
	stats []statistic

	history *history
	without map[Set]bool
	inside  inside
}

// snapshotCollector names the reading of a whole snapshot among the collectors.
const snapshotCollector = "snapshot"

// NewCollector returns a collector of what source reads. When ctx ends, reads
// under way are cancelled and scrapes show only that nothing could be read.
func NewCollector(ctx context.Context, source Source, o Options) *Collector {
	if o.MaxAge == 0 {
		o.MaxAge = time.Second
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	h := newHistory()
	c := &Collector{
		share: &share{ctx: ctx, source: source, now: o.Now, maxAge: o.MaxAge, timeout: o.Timeout, took: h.look},
		rows:  table(), descs: newDescs(), stats: statistics(), history: h, without: map[Set]bool{},
	}
	for _, s := range o.Without {
		c.without[s] = true
	}
	return c
}

// Snapshot returns the snapshot that a scrape at this moment would show.
func (c *Collector) Snapshot(ctx context.Context) (Snapshot, error) {
	r, err := c.share.get(ctx)
	return r.snapshot, err
}

// Describe tells Prometheus what Collect may send.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for k := range keyCount {
		if !recorded(k) {
			ch <- c.descs[k]
		}
	}
}

// Collect sends one snapshot.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	e := emitter{rows: &c.rows, descs: c.descs, ch: ch, without: c.without}
	r, err := c.share.get(c.share.ctx)
	e.emit(collectorSuccess, number(err == nil), snapshotCollector)
	if err != nil {
		c.history.fail(snapshotCollector, FaultOf(err))
	}
	c.history.emit(e, r.snapshot)
	if err != nil {
		return
	}
	now := c.share.now()
	e.emit(collectorDuration, r.took.Seconds(), snapshotCollector)
	e.age(snapshotCollector, r.snapshot.Taken, now)
	for _, result := range r.snapshot.Collectors {
		e.emit(collectorSuccess, number(result.Error == nil), result.Name)
		e.emit(collectorDuration, result.Duration.Seconds(), result.Name)
		e.age(result.Name, result.Taken, now)
	}
	if s := r.snapshot.Switch; s != nil {
		e.emit(ovsBuildInfo, 1, s.OVSVersion, s.DPDKVersion, s.SchemaVersion)
		truth(e, dpdkInitialized, s.DPDKInitialized)
	}
	for _, p := range r.snapshot.PMDs {
		e.pmd(p)
	}
	for _, i := range r.snapshot.Interfaces {
		e.iface(i, c.stats)
	}
	e.identities(r.snapshot.Interfaces)
	for _, b := range r.snapshot.Bridges {
		e.bridge(b)
	}
	for _, b := range r.snapshot.Bonds {
		e.bond(b)
	}
	e.memory(r.snapshot)
	c.inside.emit(e, r.snapshot)
}

func (e emitter) age(collector string, taken, now time.Time) {
	if !taken.IsZero() {
		e.emit(collectorAge, max(now.Sub(taken), 0).Seconds(), collector)
	}
}
