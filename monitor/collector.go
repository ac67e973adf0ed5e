package monitor

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
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
	shown *shown
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
	c := &Collector{
		share: &share{ctx: ctx, source: source, now: o.Now, maxAge: o.MaxAge, timeout: o.Timeout},
		shown: newShown(), stats: statistics(), history: newHistory(), without: map[Set]bool{},
	}
	c.share.show = c.show
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

// exposed is what a snapshot shows. It is shared and never changed.
type exposed struct {
	families []*dto.MetricFamily
	errs     []error // of what is left out
}

// Gather returns what one snapshot shows, and how reading it went, in the order of the
// names. The families are shared and must not be changed. What an error tells of is
// left out; the rest is there.
func (c *Collector) Gather() ([]*dto.MetricFamily, error) {
	e := emitter{newGathering(c.shown, c.without)}
	r, err := c.share.get(c.share.ctx)
	e.emit(collectorSuccess, number(err == nil), snapshotCollector)
	if err != nil {
		c.history.fail(snapshotCollector, FaultOf(err))
	} else {
		e.collectors(r, c.share.now())
	}
	c.history.emitFailures(e)
	families, errs := e.families()
	return merged(families, r.exposed.families), errors.Join(slices.Concat(errs, r.exposed.errs)...)
}

// merged are both, in the order of their names.
func merged(a, b []*dto.MetricFamily) []*dto.MetricFamily {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	return all
}

// collectors adds how reading went.
func (e emitter) collectors(r reading, now time.Time) {
	e.emit(collectorDuration, r.took.Seconds(), snapshotCollector)
	e.age(snapshotCollector, r.snapshot.Taken, now)
	for _, result := range r.snapshot.Collectors {
		e.emit(collectorSuccess, number(result.Error == nil), result.Name)
		e.emit(collectorDuration, result.Duration.Seconds(), result.Name)
		e.age(result.Name, result.Taken, now)
	}
}

func (e emitter) age(collector string, taken, now time.Time) {
	if !taken.IsZero() {
		e.emit(collectorAge, max(now.Sub(taken), 0).Seconds(), collector)
	}
}

// inOrder are the interfaces in the order of most of their series, so that there is
// little to sort afterwards.
func inOrder(all []InterfaceSample) []InterfaceSample {
	order := func(a, b InterfaceSample) int {
		return cmp.Or(strings.Compare(a.Bridge, b.Bridge), strings.Compare(a.Interface, b.Interface))
	}
	if slices.IsSortedFunc(all, order) {
		return all
	}
	return slices.SortedStableFunc(slices.Values(all), order)
}

// show makes the series of a snapshot.
func (c *Collector) show(s Snapshot) exposed {
	e := emitter{newGathering(c.shown, c.without)}
	c.history.look(s)
	c.history.emitResets(e, s)
	if sw := s.Switch; sw != nil {
		e.emit(ovsBuildInfo, 1, sw.OVSVersion, sw.DPDKVersion, sw.SchemaVersion)
		truth(e, dpdkInitialized, sw.DPDKInitialized)
	}
	for _, p := range s.PMDs {
		e.pmd(p)
	}
	ports := inOrder(s.Interfaces)
	for _, i := range ports {
		e.iface(i, c.stats)
	}
	e.queues(ports)
	e.identities(ports)
	for _, b := range s.Bridges {
		e.bridge(b)
	}
	for _, b := range s.Bonds {
		e.bond(b)
	}
	e.memory(s)
	c.inside.emit(e, s)
	families, errs := e.families()
	return exposed{families, errs}
}
