package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/sluice-nfv/sluice/internal/golden"
)

// fixed is a source of one snapshot or error.
type fixed struct {
	snapshot Snapshot
	err      error
}

func (f fixed) Snapshot(context.Context) (Snapshot, error) { return f.snapshot, f.err }

// recordedHost is testdata/snapshot.json: what OVS 3.1.0 with DPDK 22.11 told
// of two guests under load (one sends, the other swaps MACs), a third port that
// nobody connected to, two uplinks and two tunnels; beside them the bonds and meters
// that another OVS 3.1.0 told of; with collectors of which one failed and one shows
// an older read.
func recordedHost(t *testing.T) Snapshot {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "snapshot.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s Snapshot
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	s.Internals = recordedInternals(t)
	s.Collectors = []CollectorResult{
		{Name: "ovsdb", Duration: 400 * time.Microsecond, Taken: s.Taken},
		{Name: "pmd-perf", Duration: 1200 * time.Microsecond, Taken: s.Taken},
		{Name: "pmd-rxq", Duration: 2 * time.Second, Error: errors.New("deadline"), Fault: FaultSilent, Taken: s.Taken.Add(-30 * time.Second)},
		{Name: "mempool", Duration: time.Millisecond, Error: errors.New("no such command"), Fault: FaultRefused},
		{Name: "heaps", Error: errors.New("no such command"), Fault: FaultRefused, Again: true},
	}
	return s
}

// hostRegistry holds everything the daemon serves of its own: the collector
// over the source, and a recorder after three passes.
func hostRegistry(t *testing.T, source Source, now time.Time, more ...func(*Recorder)) served {
	t.Helper()
	return hostRegistryAt(t, source, func() time.Time { return now }, more...)
}

// hostRegistryAt is the same with a clock that moves.
func hostRegistryAt(t *testing.T, source Source, clock func() time.Time, more ...func(*Recorder)) served {
	t.Helper()
	now := clock()
	recorder := NewRecorder(Build{Version: "v1.2.3", Revision: "0123abcd", Go: "go1.26.8"})
	recorder.Pass(ResultChanged, 180*time.Millisecond, now.Add(-time.Minute))
	recorder.Pass(ResultConverged, 4*time.Millisecond, now.Add(-30*time.Second))
	recorder.Pass(ResultPending, 6*time.Millisecond, now.Add(-time.Second))
	recorder.Pending(Pending{PMDRecreation: 1, TakeOver: 2})
	recorder.Profile(true)
	recorder.Answer("dhcpv4", Answered, 3)
	recorder.Network(&Network{StoreUp: true, Flows: 7812, Bundles: 40, Mended: 2, SetAside: 3, Unusable: 1, Newest: 91, Laid: 90})
	for _, tell := range more {
		tell(recorder)
	}
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(recorder); err != nil {
		t.Fatal(err)
	}
	return served{registry, NewCollector(t.Context(), source, Options{Now: clock})}
}

// scrape returns what is served, which must be consistent in the eyes of the library.
func scrape(t *testing.T, registry prometheus.Gatherer) string {
	t.Helper()
	checked := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := registry.Gather()
		if err != nil {
			return families, err
		}
		// It checks and sorts families that it merges, and changes them.
		var text bytes.Buffer
		for _, f := range families {
			if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
				return nil, err
			}
		}
		sorted, err := prometheus.Gatherers{prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil })}.Gather()
		var again bytes.Buffer
		for _, f := range sorted {
			if _, err := expfmt.MetricFamilyToText(&again, f); err != nil {
				return nil, err
			}
		}
		if diff := cmp.Diff(again.String(), text.String()); diff != "" {
			t.Errorf("a registry would show it otherwise (-registry +shown):\n%s", diff)
		}
		return families, err
	})
	w := httptest.NewRecorder()
	promhttp.HandlerFor(checked, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}).
		ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestExposition(t *testing.T) {
	host := recordedHost(t)
	registry := hostRegistry(t, fixed{snapshot: host}, host.Taken.Add(500*time.Millisecond), withIPFIX)
	golden.Check(t, "testdata/exposition.txt", scrape(t, registry))

	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("promlint: %s: %s", p.Metric, p.Text)
	}
}

// TestPromtool asks Prometheus's own checker where there is one; in CI there must be.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI=true, but this machine lacks package prometheus (promtool)")
		}
		t.Skip("promtool is not installed")
	}
	exposition, err := os.ReadFile(filepath.Join("testdata", "exposition.txt"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	command.Stdin = bytes.NewReader(exposition)
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// TestOnlyTheTable: every row is shown for a host that tells everything, and
// nothing else is.
func TestOnlyTheTable(t *testing.T) {
	host := recordedHost(t)
	families, err := hostRegistry(t, fixed{snapshot: host}, host.Taken, withIPFIX).Gather()
	if err != nil {
		t.Fatal(err)
	}
	var shown, table []string
	for _, f := range families {
		shown = append(shown, strings.ToLower(f.GetType().String())+" "+f.GetName()+" "+f.GetHelp())
	}
	for _, m := range Table() {
		table = append(table, string(m.Type)+" "+m.Name+" "+m.Help)
	}
	slices.Sort(shown)
	slices.Sort(table)
	if diff := cmp.Diff(table, shown); diff != "" {
		t.Errorf("table (-) and exposition (+) differ:\n%s", diff)
	}
}

// TestPage keeps docs/metrics.md current.
func TestPage(t *testing.T) {
	var page bytes.Buffer
	if err := WriteMarkdown(&page, Table()); err != nil {
		t.Fatal(err)
	}
	for _, m := range Table() {
		if strings.Count(page.String(), "| `"+m.Name+"` |") != 1 {
			t.Errorf("%s: not on the page, or more than once", m.Name)
		}
	}
	golden.Check(t, "../docs/metrics.md", page.String())
}

// TestExpositionOfManyPorts: in whatever order ports come, they are shown as a registry
// shows them.
func TestExpositionOfManyPorts(t *testing.T) {
	host := hostOf(40)
	want := ""
	for i := range 5 {
		got := scrape(t, NewCollector(t.Context(), fixed{snapshot: host}, Options{Now: func() time.Time { return host.Taken }}))
		if want == "" {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" || !strings.Contains(got, `interface="vhost39"`) {
			t.Errorf("in another order (-first +now):\n%s", diff)
		}
		rand.New(rand.NewPCG(1, uint64(i))).Shuffle(len(host.Interfaces), func(a, b int) {
			host.Interfaces[a], host.Interfaces[b] = host.Interfaces[b], host.Interfaces[a]
		})
	}
}
