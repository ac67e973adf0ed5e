package bench

import (
	"net/http/httptest"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// exposition is as client_golang prints it, cut.
const exposition = `# HELP go_gc_duration_seconds A summary of the wall-time pause.
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="0"} 2.5e-05
go_gc_duration_seconds_sum 0.25
# HELP ovs_vhost_connected 1 when a guest is connected to the vhost port.
# TYPE ovs_vhost_connected gauge
ovs_vhost_connected{bridge="br0",interface="vm0"} 1
ovs_vhost_connected{bridge="br0",interface="a \"quoted\", {odd}\\name\n"} 1
ovs_vhost_connected{bridge="br0",interface=""} 0
# HELP sluice_collector_duration_seconds How long reading took.
# TYPE sluice_collector_duration_seconds gauge
sluice_collector_duration_seconds{collector="pmd-perf"} 0.0005
sluice_collector_duration_seconds{collector="snapshot"} 0.002
# HELP sluice_collector_success 1 when it was read.
# TYPE sluice_collector_success gauge
sluice_collector_success{collector="pmd-perf"} 1
`

// The series that client_golang is given are those that were shown: it shows the
// same lines.
func TestConstantShowsTheSame(t *testing.T) {
	s := scraped{text: exposition}
	c, err := constantOf(s)
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	want, got := s.samples(), scraped{text: w.Body.String()}.samples()
	sort.Strings(want)
	sort.Strings(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestScraped(t *testing.T) {
	s := scraped{text: exposition}
	if s.series() != 8 || s.sum("ovs_vhost_connected") != 2 {
		t.Errorf("%g series, %g connected", s.series(), s.sum("ovs_vhost_connected"))
	}
	if took, err := s.collecting(); took != 0.002 || err != nil {
		t.Errorf("%g %v", took, err)
	}
	for what, text := range map[string]string{
		`sluice_collector_success{collector="pmd-perf"} 0`: strings.Replace(exposition, `success{collector="pmd-perf"} 1`, `success{collector="pmd-perf"} 0`, 1),
		"does not say": strings.ReplaceAll(exposition, "snapshot", "other"),
	} {
		if _, err := (scraped{text: text}).collecting(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %q", err, what)
		}
	}
}

func TestParseSampleRefuses(t *testing.T) {
	for _, line := range []string{"", "name", `name{a="b`, `name{a="b\`, `name{a} 1`, `name{a="b"} x`, `name{a="b"`} {
		if _, _, _, _, err := parseSample(line); err == nil {
			t.Errorf("%q is read", line)
		}
	}
}

func FuzzParseSample(f *testing.F) {
	for line := range strings.Lines(exposition) {
		f.Add(strings.TrimSpace(line))
	}
	f.Fuzz(func(_ *testing.T, line string) { _, _, _, _, _ = parseSample(line) })
}
