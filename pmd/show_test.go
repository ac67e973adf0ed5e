package pmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/pmd"
)

// parsers are the parsers of this package by the name that their fixtures begin with.
func parsers() map[string]func(io.Reader) (any, error) {
	return map[string]func(io.Reader) (any, error){
		"pmd-rxq-show":   func(r io.Reader) (any, error) { return pmd.ParseRxqShow(r) },
		"pmd-perf-show":  func(r io.Reader) (any, error) { return pmd.ParsePerfShow(r) },
		"pmd-sleep-show": func(r io.Reader) (any, error) { return pmd.ParseSleepShow(r) },
		"pmd-stats-show": func(r io.Reader) (any, error) { return pmd.ParseStatsShow(r) },
	}
}

// TestRecordedOutput parses what each version of OVS printed and compares the
// values with the golden beside it.
func TestRecordedOutput(t *testing.T) {
	for command, parse := range parsers() {
		fixtures, err := filepath.Glob("testdata/*/" + command + "*.txt")
		if err != nil || len(fixtures) < 3 {
			t.Fatalf("%s: %d fixtures (%v)", command, len(fixtures), err)
		}
		for _, fixture := range fixtures {
			t.Run(strings.TrimPrefix(fixture, "testdata/"), func(t *testing.T) {
				got, err := parse(bytes.NewReader(read(t, fixture)))
				if err != nil {
					t.Fatal(err)
				}
				golden.Check(t, strings.TrimSuffix(fixture, ".txt")+".golden", dump(got))
			})
		}
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// dump prints a parsed value one field a line, and nothing for nil.
func dump(v any) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(v), "")
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value, indent string) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			fmt.Fprintf(b, "%s%d:\n", indent, i)
			dumpValue(b, v.Index(i), indent+"  ")
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			if field.Kind() == reflect.Pointer {
				field = field.Elem()
			}
			name := indent + v.Type().Field(i).Name
			if k := field.Kind(); k == reflect.Slice || k == reflect.Struct {
				fmt.Fprintf(b, "%s:\n", name)
				dumpValue(b, field, indent+"  ")
			} else if field.IsValid() {
				fmt.Fprintf(b, "%s: %v\n", name, field.Interface())
			}
		}
	default:
		fmt.Fprintf(b, "%s%v\n", indent, v.Interface())
	}
}

func TestUnknownLines(t *testing.T) {
	tests := []struct{ command, text, want string }{
		{"pmd-rxq-show", "Displaying last sixty seconds pmd usage %\n", `line 1: "Displaying last sixty seconds pmd usage %"`},
		{"pmd-rxq-show", "  isolated : false\n", `line 1: "  isolated : false"`},
		{"pmd-rxq-show", "pmd thread numa_id 0 core_id 1:\n  isolated : maybe\n", `line 2: "  isolated : maybe"`},
		{"pmd-rxq-show", "pmd thread numa_id 0 core_id 1:\n  port: p0  queue-id: 0 (asleep)  pmd usage: 1 %\n", `line 2: `},
		{"pmd-rxq-show", "pmd thread numa_id 0 core_id 1:\n  port: p0  queue-id: 0 (enabled)  pmd usage: -1 %\n", `line 2: `},
		{"pmd-rxq-show", "pmd thread numa_id 0 core_id 1:\n  port:   queue-id: 0 (enabled)  pmd usage: 1 %\n", `line 2: `},
		{"pmd-rxq-show", "pmd thread numa_id 0 core_id 1:\n  overhead: 1\n", `line 2: "  overhead: 1"`},
		{"pmd-rxq-show", "main thread:\n", `line 1: "main thread:"`},
		{"pmd-rxq-show", "pmd thread numa_id 0 core_id:\n", `line 1: `},
		{"pmd-rxq-show", "pmd thread numa_id 0 core_id 1\n", `line 1: `},
		{"pmd-rxq-show", "pmd thread socket 0 core_id 1:\n", `line 1: `},
		{"pmd-perf-show", "  Rx packets: 1\n", `line 1: "  Rx packets: 1"`},
		{"pmd-perf-show", "Time: noon\n", `line 1: "Time: noon"`},
		{"pmd-perf-show", "Measurement duration: 3 days\n", `line 1: `},
		{"pmd-perf-show", "Measurement duration: -1.000 s\n", `line 1: `},
		{"pmd-perf-show", "main thread:\n  - Oracle hits:  1  (  0.0 %)\n", `line 2: "  - Oracle hits:  1  (  0.0 %)"`},
		{"pmd-perf-show", "main thread:\n  Rx packets:  many\n", `line 2: "  Rx packets:  many"`},
		{"pmd-perf-show", "main thread:\n  Rx packets:  1  (1 Mpps)\n", `line 2: "  Rx packets:  1  (1 Mpps)"`},
		{"pmd-perf-show", "main thread:\n  - EMC hits:  1  (1.0 cycles/pkt)\n", `line 2: `},
		{"pmd-perf-show", "main thread:\n  - EMC hits:  1  (0x1p4 %)\n", `line 2: `},
		{"pmd-perf-show", "main thread:\n  Rx packets:  1\n  Rx packets:  2\n", `line 3: "  Rx packets:  2"`},
		{"pmd-perf-show", "main thread:\nHistograms\n   three words here\n", `line 3: "   three words here"`},
		{"pmd-perf-show", "main thread:\nHistograms\n  Rx packets:  1\n", `line 3: "  Rx packets:  1"`},
		{"pmd-sleep-show", "PMD max sleep: 0 us\n", `line 1: "PMD max sleep: 0 us"`},
		{"pmd-sleep-show", "Default max sleep: 0 ms\n", `line 1: "Default max sleep: 0 ms"`},
		{"pmd-sleep-show", "pmd thread numa_id 0 core_id 1:\nDefault max sleep: 0 us\n", `line 2: `},
		{"pmd-stats-show", "  emc hits: 3\n", `line 1: "  emc hits: 3"`},
		{"pmd-stats-show", "main thread:\n  emc misses: 3\n", `line 2: "  emc misses: 3"`},
		{"pmd-stats-show", "main thread:\n  idle cycles: 3\n", `line 2: "  idle cycles: 3"`},
		{"pmd-stats-show", "\nTime: 07:20:08.428\n", `line 2: "Time: 07:20:08.428"`},
	}
	for _, tt := range tests {
		got, err := parsers()[tt.command](strings.NewReader(tt.text))
		if !errors.Is(err, pmd.ErrFormat) || !strings.HasPrefix(err.Error(), "dpif-netdev/"+tt.command+": "+tt.want) {
			t.Errorf("%q:\ngot  %v\nwant %s", tt.text, err, tt.want)
		}
		if text := dump(got); strings.Contains(text, "0:") {
			t.Errorf("%q: a value besides the error:\n%s", tt.text, text)
		}
	}
}

func TestOddButKnown(t *testing.T) {
	usage := 104
	tests := []struct {
		command, text string
		want          any
	}{
		{"pmd-rxq-show", "", pmd.RxqShow{}},
		{
			"pmd-rxq-show", "pmd thread numa_id 2147483647 core_id 191:\n  isolated : true\n" +
				"  port: a name longer than sixteen  queue-id: 12 (disabled)  pmd usage: 104 %\n",
			pmd.RxqShow{PMDs: []pmd.PMDQueues{{Node: -1, Core: 191, Isolated: true, Queues: []pmd.QueueUsage{
				{Port: "a name longer than sixteen", Queue: 12, Usage: &usage},
			}}}},
		},
		{
			"pmd-rxq-show", "pmd thread numa_id 0 core_id 1:\n  port: x  queue-id: 9   queue-id:  0 (enabled)   pmd usage: NOT AVAIL\n",
			pmd.RxqShow{PMDs: []pmd.PMDQueues{{Core: 1, Queues: []pmd.QueueUsage{{Port: "x  queue-id: 9", Enabled: true}}}}},
		},
		{
			"pmd-perf-show", "\nTime: 01:02:03.004\nMeasurement duration: 0.000 s\n\npmd thread core_id 3:\n\n",
			[]pmd.Perf{{Thread: pmd.PMDThread, Node: -1, Core: 3}},
		},
		{
			"pmd-perf-show", "main thread numa_id 1:\n  Sleep time (us):  99999999999999999999  (inf us/iteration avg.)\n",
			[]pmd.Perf{{Thread: pmd.MainThread, Node: 1, Core: -1}},
		},
		{"pmd-sleep-show", "Default max sleep: 10000 us\n", pmd.SleepShow{Default: 10 * time.Millisecond}},
	}
	for _, tt := range tests {
		got, err := parsers()[tt.command](strings.NewReader(tt.text))
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}

// TestStatsAgreeWithPerf: both commands, recorded within a second of each other
// on a datapath at rest, count the same.
func TestStatsAgreeWithPerf(t *testing.T) {
	for _, version := range []string{"2.17.12", "3.1.0", "3.3.9", "3.6.3"} {
		perf, err := pmd.ParsePerfShow(bytes.NewReader(read(t, "testdata/"+version+"/pmd-perf-show.txt")))
		if err != nil {
			t.Fatal(err)
		}
		stats, err := pmd.ParseStatsShow(bytes.NewReader(read(t, "testdata/"+version+"/pmd-stats-show.txt")))
		if err != nil {
			t.Fatal(err)
		}
		if len(stats) != len(perf)+1 {
			t.Fatalf("%s: %d threads in one, %d in the other", version, len(perf), len(stats))
		}
		for i := range perf {
			if diff := cmp.Diff(lookups(perf[i]), lookups(stats[i])); diff != "" {
				t.Errorf("%s, core %d (-perf +stats):\n%s", version, perf[i].Core, diff)
			}
		}
	}
}

func lookups(p pmd.Perf) pmd.Perf {
	return pmd.Perf{
		Thread: p.Thread, Node: p.Node, Core: p.Core, RxPackets: p.RxPackets, Passes: p.Passes, PHWOLHits: p.PHWOLHits,
		SimpleMatchHits: p.SimpleMatchHits, EMCHits: p.EMCHits, SMCHits: p.SMCHits, MegaflowHits: p.MegaflowHits,
		Upcalls: p.Upcalls, LostUpcalls: p.LostUpcalls,
	}
}
