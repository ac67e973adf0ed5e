package monitor

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Result is how a reconcile pass ended.
type Result string

// The results.
const (
	ResultConverged Result = "converged" // there was nothing to do
	ResultChanged   Result = "changed"   // everything was done
	ResultPending   Result = "pending"   // something waits for the operator
	ResultRefused   Result = "refused"   // the plan, or OVS, said no
	ResultFailed    Result = "failed"    // the pass broke off
	ResultWaiting   Result = "waiting"   // no switch to talk to
)

func results() []Result {
	return []Result{ResultConverged, ResultChanged, ResultPending, ResultRefused, ResultFailed, ResultWaiting}
}

// Build is the daemon's version.
type Build struct{ Version, Revision, Go string }

// Pending counts the changes that wait, each once: take-overs apart, the rest
// by class.
type Pending struct {
	Live, PMDRecreation, PortRestart, RestartNeeded, TakeOver int
}

// Recorder keeps the numbers of the daemon's own work and shows them to
// Prometheus. It is safe for concurrent use.
type Recorder struct {
	build    Build
	shown    *shown
	descs    [keyCount]*prometheus.Desc
	duration prometheus.Histogram

	mu      sync.Mutex
	passes  map[Result]uint64
	last    time.Time
	pending *Pending
	valid   *bool
	answers map[answerOf]uint64
	network *Network
	ipfix   func() *IPFIX
}

// AnswerResult is what became of a packet that the switch handed to the daemon.
type AnswerResult string

// The results.
const (
	Answered      AnswerResult = "answered"
	AnswerRefused AnswerResult = "refused" // it is no question, or the network has no answer
	AnswerLost    AnswerResult = "lost"    // the daemon or the connection was too slow for it
)

// answerOf is a kind of question with what became of it.
type answerOf struct {
	kind   string
	result AnswerResult
}

// NewRecorder returns a recorder that knows of no pass yet. Register it with
// the registry that is served.
func NewRecorder(b Build) *Recorder {
	t := newShown()
	rows := t.rows
	return &Recorder{
		build: b, shown: t, descs: t.descs(), passes: map[Result]uint64{}, answers: map[answerOf]uint64{},
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: rows[passDuration].Name, Help: rows[passDuration].Help,
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
			// The same as a native histogram, for Prometheus servers that ask for one.
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}),
	}
}

// Pass counts a pass that took so long and ended at end.
func (r *Recorder) Pass(result Result, took time.Duration, end time.Time) {
	r.duration.Observe(took.Seconds())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.passes[result]++
	r.last = end
}

// Pending sets what waits for the operator now.
func (r *Recorder) Pending(p Pending) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending = &p
}

// Answer counts n packets that the switch handed to the daemon, of a kind.
func (r *Recorder) Answer(kind string, result AnswerResult, n uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[answerOf{kind, result}] += n
}

// Profile sets whether the profile's file is in force.
func (r *Recorder) Profile(valid bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.valid = &valid
}

// recorded tells which rows are a recorder's; the others are a collector's.
func recorded(k key) bool { return k >= sluiceBuildInfo && k <= ipfixTxErrors }

// Describe tells Prometheus what Collect may send.
func (r *Recorder) Describe(ch chan<- *prometheus.Desc) {
	for k := range keyCount {
		if recorded(k) && k != passDuration {
			ch <- r.descs[k]
		}
	}
	r.duration.Describe(ch)
}

// Collect sends the numbers of now.
func (r *Recorder) Collect(ch chan<- prometheus.Metric) {
	r.duration.Collect(ch)
	e := emitter{newGathering(r.shown, nil)}
	r.emit(e)
	for k, metrics := range e.of {
		for _, m := range metrics {
			ch <- recordedMetric{r.descs[k], m}
		}
	}
	for _, err := range e.errs {
		ch <- prometheus.NewInvalidMetric(r.descs[sluiceBuildInfo], err)
	}
}

// recordedMetric is a series for a registry.
type recordedMetric struct {
	desc   *prometheus.Desc
	metric *dto.Metric
}

// Desc returns the row's.
func (m recordedMetric) Desc() *prometheus.Desc { return m.desc }

// Write fills in the series.
func (m recordedMetric) Write(to *dto.Metric) error {
	to.Label, to.Counter, to.Gauge = m.metric.Label, m.metric.Counter, m.metric.Gauge
	return nil
}

func (r *Recorder) emit(e emitter) {
	e.emit(sluiceBuildInfo, 1, r.build.Version, r.build.Revision, r.build.Go)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, result := range results() {
		e.emit(passes, float64(r.passes[result]), string(result))
	}
	if !r.last.IsZero() {
		e.emit(lastPass, float64(r.last.UnixMilli())/1000)
	}
	if p := r.pending; p != nil {
		e.emit(pendingChanges, float64(p.Live), "live")
		e.emit(pendingChanges, float64(p.PMDRecreation), "pmd_recreation")
		e.emit(pendingChanges, float64(p.PortRestart), "port_restart")
		e.emit(pendingChanges, float64(p.RestartNeeded), "restart_needed")
		e.emit(pendingChanges, float64(p.TakeOver), "take_over")
	}
	truth(e, profileValid, r.valid)
	for a, n := range r.answers {
		e.emit(answers, float64(n), a.kind, string(a.result))
	}
	r.network.emit(e)
	if r.ipfix != nil {
		r.ipfix().emit(e)
	}
}
