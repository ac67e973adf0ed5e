package openflow_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Messages of Open vSwitch 3.1.0, recorded by TestRecord of package ofconn.
const recordings = "testdata/3.1.0"

// messages are the messages of a recording.
func messages(t testing.TB, name string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(recordings, name))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for len(b) > 0 {
		h, err := openflow.ParseHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		all, b = append(all, b[:h.Length]), b[h.Length:]
	}
	return all
}

func flows(t testing.TB, name string) []openflow.FlowEntry {
	t.Helper()
	var all []openflow.FlowEntry
	for _, m := range messages(t, name) {
		if err := openflow.ParseFlows(m, func(e openflow.FlowEntry) { all = append(all, e) }); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestFlowText prints a dump as ovs-ofctl printed it.
func TestFlowText(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(recordings, "flows.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for line := range strings.Lines(string(text)) {
		want = append(want, strings.TrimSpace(line))
	}
	for _, e := range flows(t, "flows.bin") {
		got = append(got, e.Flow.String())
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestNothingRaw expects that a dump has no action this package cannot name, and
// that taking matches and instructions apart and together changes nothing.
func TestNothingRaw(t *testing.T) {
	for _, e := range flows(t, "flows.bin") {
		for _, a := range e.Do.List() {
			if raw, ok := a.(openflow.Raw); ok {
				t.Errorf("%s: raw %x", e, raw.Bytes)
			}
		}
		if again := openflow.Do(e.Do.List()...); again != e.Do {
			t.Errorf("%s: together again %s", e, again)
		}
		if again := openflow.NewMatch(e.Match.Terms()...); again != e.Match {
			t.Errorf("%s: together again %s", e, again)
		}
	}
}
