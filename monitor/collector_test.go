package monitor

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func ptr[T any](v T) *T { return &v }

// series returns the lines of a scrape that begin so.
func series(exposition, prefix string) string {
	var lines []string
	for line := range strings.Lines(exposition) {
		if strings.HasPrefix(line, prefix) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// TestUnknownIsAbsent: a snapshot that knows nothing shows no number.
func TestUnknownIsAbsent(t *testing.T) {
	now := time.Unix(1700000000, 0)
	for name, tt := range map[string]struct {
		snapshot Snapshot
		want     string // series of the switch
	}{
		"nothing read":   {Snapshot{}, ""},
		"empty versions": {Snapshot{Switch: &SwitchSample{}}, `ovs_build_info{db_version="",dpdk_version="",ovs_version=""} 1` + "\n"},
		"thread":         {Snapshot{PMDs: []PMDSample{{NUMA: 1, Core: 3}}}, ""},
		"queue that is not measured": {
			Snapshot{PMDs: []PMDSample{{Core: 3, Queues: []QueueSample{{Interface: "g0", Queue: 1}}}}},
			`ovs_pmd_rxq_enabled{core="3",interface="g0",numa="0",queue="1"} 0` + "\n",
		},
		"thread that ran no cycle": {Snapshot{PMDs: []PMDSample{{BusyCycles: ptr[uint64](0), IdleCycles: ptr[uint64](0)}}}, `` +
			`ovs_pmd_cycles_total{core="0",numa="0",state="busy"} 0` + "\n" +
			`ovs_pmd_cycles_total{core="0",numa="0",state="idle"} 0` + "\n"},
		// OVS 3.1 prints nan where it divides by zero.
		"ratio that is no number": {Snapshot{PMDs: []PMDSample{{BusyRatio: ptr(math.NaN()), Overhead: ptr(math.Inf(1))}}}, ""},
		"vhost port that was never connected": {
			Snapshot{Interfaces: []InterfaceSample{{
				Bridge: "br-int", Port: "g2", Interface: "g2", Type: "dpdkvhostuserclient",
				MTU: ptr[int64](0), Connected: ptr(false), Statistics: map[string]int64{"rx_packets": -1, "ovs_tx_retries": 0, "rx_q0_packets": 4},
			}}},
			`ovs_interface_info{bridge="br-int",interface="g2",port="g2",type="dpdkvhostuserclient"} 1` + "\n" +
				`ovs_interface_queue_packets_total{bridge="br-int",direction="rx",interface="g2",queue="0"} 4` + "\n" +
				`ovs_interface_statistics_resets_total{bridge="br-int",interface="g2"} 0` + "\n" +
				`ovs_interface_tx_retries_total{bridge="br-int",interface="g2"} 0` + "\n" +
				`ovs_vhost_connected{bridge="br-int",interface="g2"} 0` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := series(scrape(t, hostRegistry(t, fixed{snapshot: tt.snapshot}, now)), "ovs_")
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestPercentOnly: from OVS 4.0 on there are no exact cycles: no counter is
// made of the percentage, the ratio is shown as it is.
func TestPercentOnly(t *testing.T) {
	s := Snapshot{PMDs: []PMDSample{{Core: 1, UsedCycles: ptr[uint64](48532633097), BusyRatio: ptr(0.001)}}}
	got := series(scrape(t, hostRegistry(t, fixed{snapshot: s}, time.Unix(0, 0))), "ovs_")
	want := `ovs_pmd_busy_ratio{core="1",numa="0"} 0.001` + "\n" + `ovs_pmd_used_cycles_total{core="1",numa="0"} 4.8532633097e+10` + "\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestHostileNames: whatever a database or a guest names its interfaces, the
// scrape is served, and two names stay two.
func TestHostileNames(t *testing.T) {
	names := []string{`say "hi"`, "two\nlines", `back\slash`, "\xff\xfe", "nul\x00", "ünï", "", strings.Repeat("x", 10000)}
	var s Snapshot
	for _, n := range names {
		s.Interfaces = append(s.Interfaces, InterfaceSample{Bridge: n, Port: n, Interface: n, Type: n, LinkUp: ptr(true)})
	}
	registry := hostRegistry(t, fixed{snapshot: s}, time.Unix(0, 0))
	links, err := testutil.GatherAndCount(registry, "ovs_interface_link_up")
	if err != nil || links != len(names) {
		t.Fatalf("%d series of %d names: %v", links, len(names), err)
	}
	got := scrape(t, registry)
	for _, want := range []string{
		`ovs_interface_link_up{bridge="say \"hi\"",interface="say \"hi\""} 1`,
		`ovs_interface_link_up{bridge="two\nlines",interface="two\nlines"} 1`,
		`ovs_interface_link_up{bridge="back\\slash",interface="back\\slash"} 1`,
		"ovs_interface_link_up{bridge=\"\uFFFD\",interface=\"\uFFFD\"} 1",
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("the scrape lacks %s", want)
		}
	}
}

// TestSourceFails: nothing of the switch is shown, the failure is, and the
// daemon's own numbers stay.
func TestSourceFails(t *testing.T) {
	got := scrape(t, hostRegistry(t, fixed{err: errors.New("no such socket")}, time.Unix(0, 0)))
	if s := series(got, "ovs_"); s != "" {
		t.Errorf("shown though nothing was read:\n%s", s)
	}
	want := `sluice_collector_failures_total{collector="snapshot",fault="failed"} 1` + "\n" + `sluice_collector_success{collector="snapshot"} 0` + "\n"
	if s := series(got, "sluice_collector"); s != want {
		t.Errorf("collector: %s", s)
	}
	if !strings.Contains(got, "sluice_profile_valid 1\n") {
		t.Error("the recorder's numbers are gone")
	}
}

// gate is a source that answers when it is told to.
type gate struct {
	entered chan struct{}
	answer  chan Snapshot
	left    chan error // what ended the context of a call
	deaf    bool       // does not hear its context
}

func newGate(deaf bool) gate {
	return gate{entered: make(chan struct{}, 100), answer: make(chan Snapshot), left: make(chan error, 100), deaf: deaf}
}

func (g gate) Snapshot(ctx context.Context) (Snapshot, error) {
	g.entered <- struct{}{}
	if g.deaf {
		ctx = context.WithoutCancel(ctx)
	}
	select {
	case s := <-g.answer:
		return s, nil
	case <-ctx.Done():
		g.left <- ctx.Err()
		return Snapshot{}, ctx.Err()
	}
}

// clock is a clock that moves when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// TestScrapesShare: scrapes at the same time, and those within the age, cost
// one snapshot; a later one costs another.
func TestScrapesShare(t *testing.T) {
	source, now := newGate(false), &clock{now: time.Unix(1700000000, 0)}
	c := NewCollector(t.Context(), source, Options{Now: now.Now, MaxAge: time.Second, Timeout: time.Minute})
	answer := Snapshot{Taken: now.Now(), Interfaces: []InterfaceSample{{Interface: "g0", LinkUp: ptr(true)}}}

	var scrapers sync.WaitGroup
	for range 8 {
		scrapers.Go(func() {
			if n, err := testutil.GatherAndCount(c, "ovs_interface_link_up"); n != 1 || err != nil {
				t.Errorf("%d series, %v, want 1", n, err)
			}
		})
	}
	<-source.entered
	source.answer <- answer
	scrapers.Wait()

	now.add(999 * time.Millisecond)
	if _, err := c.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(source.entered); n != 0 {
		t.Fatalf("%d more reads within the age", n)
	}

	now.add(time.Millisecond)
	scrapers.Go(func() { _, _ = c.Gather() })
	<-source.entered // a read of its own
	source.answer <- answer
	scrapers.Wait()
}

// TestDeafSource: a source that never answers costs each scrape the timeout and
// no more, and is asked once, not once a scrape.
func TestDeafSource(t *testing.T) {
	source := newGate(true)
	now := time.Unix(0, 0)
	c := NewCollector(t.Context(), source, Options{Now: func() time.Time { return now }, Timeout: 10 * time.Millisecond})
	for range 5 {
		if _, err := c.Snapshot(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v, want the deadline", err)
		}
	}
	if n := len(source.entered); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
	source.answer <- Snapshot{} // lets the goroutine end
}

// TestSlowSourceIsCancelled: a source that hears its context gets the deadline.
func TestSlowSourceIsCancelled(t *testing.T) {
	source := newGate(false)
	c := NewCollector(t.Context(), source, Options{Now: time.Now, Timeout: 10 * time.Millisecond})
	if _, err := c.Snapshot(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v, want the deadline", err)
	}
	if err := <-source.left; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the source saw %v, want the deadline", err)
	}
}

// TestLifeEnds: when the daemon ends, scrapes do not read any more.
func TestLifeEnds(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	end()
	c := NewCollector(ctx, newGate(false), Options{Now: time.Now, Timeout: time.Hour})
	want := "# HELP sluice_collector_success 1 when the collector's newest read succeeded, 0 when it failed, wholly or in part: what it could not read is absent.\n" +
		"# TYPE sluice_collector_success gauge\n" + `sluice_collector_success{collector="snapshot"} 0` + "\n"
	if err := testutil.GatherAndCompare(c, strings.NewReader(want), "sluice_collector_success", "ovs_build_info", "ovs_interface_info"); err != nil {
		t.Error(err)
	}
}

// TestWrongLabels: a mistake of ours is an error of that metric, not a panic.
func TestWrongLabels(t *testing.T) {
	e := emitter{newGathering(newShown(), nil)}
	e.emit(pmdLookups, 1, "0", "1")
	if families, errs := e.families(); len(errs) != 1 || len(families) != 0 {
		t.Errorf("a lookup without its tier was sent as if it were whole: %v %v", families, errs)
	}
}
