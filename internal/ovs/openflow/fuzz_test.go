package openflow_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// FuzzParse reads a message in every way there is. Whatever it is, no parser
// panics, each refuses with ErrFormat, and what it read can be printed, and
// written and read again without a change.
func FuzzParse(f *testing.F) {
	names, err := filepath.Glob(recordings + "/*.bin")
	if err != nil || len(names) == 0 {
		f.Fatalf("no recordings (%v)", err)
	}
	for _, name := range names {
		for _, m := range messages(f, filepath.Base(name)) {
			f.Add(m)
			if len(m) > 400 {
				f.Add(m[:400])
			}
		}
	}
	f.Add(openflow.AppendHello(nil, 1))
	f.Add([]byte{6, 1, 0, 20, 0, 0, 0, 1, 0xff, 0xff, 0, 15, 0, 0, 0x23, 0x20, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, m []byte) {
		if h, err := openflow.ParseHeader(m); err == nil && int(h.Length) <= len(m) {
			m = m[:h.Length]
		}
		openflow.SpeaksOurVersion(m)
		openflow.Foreign(m)
		check := func(err error) {
			if err != nil && !errors.Is(err, openflow.ErrFormat) {
				t.Fatal(err)
			}
		}
		check(openflow.ParseFlows(m, func(e openflow.FlowEntry) { checkFlow(t, e) }))
		check(openflow.ParseGroups(m, func(g openflow.GroupEntry) { checkGroup(t, g) }))
		check(openflow.ParseMeters(m, func(openflow.MeterEntry) {}))
		check(openflow.ParsePorts(m, func(openflow.PortDesc) {}))
		check(openflow.ParseTables(m, func(openflow.TableFeatures) {}))
		check(openflow.ParseTableStats(m, func(openflow.TableCounts) {}))
		check(openflow.ParseMeterStats(m, func(openflow.MeterCounts) {}))
		p, err := openflow.ParsePacketIn(m)
		check(err)
		checkMatch(t, p.Match)
		r, err := openflow.ParseFlowRemoved(m)
		check(err)
		checkMatch(t, r.Match)
		_, err = openflow.ParsePortStatus(m)
		check(err)
		_, err = openflow.ParseTLVTable(m)
		check(err)
		e, err := openflow.ParseError(m)
		check(err)
		if err == nil && e.Error() == "" {
			t.Error("an error without words")
		}
	})
}

func checkMatch(t *testing.T, m openflow.Match) {
	if again := m.With(); again != m {
		t.Errorf("match %x, again %x", m, again)
	}
	_ = m.String()
}

func checkFlow(t *testing.T, e openflow.FlowEntry) {
	checkMatch(t, e.Match)
	_ = e.String()
	var b []byte
	for _, a := range e.Do.List() {
		if raw, ok := a.(openflow.Raw); ok {
			b = append(b, raw.Bytes...)
		}
	}
	if len(b) > len(e.Do) {
		t.Errorf("%x: more raw bytes than there were: %x", e.Do, b)
	}
	mod := openflow.FlowMod{Flow: e.Flow}
	if b := mod.AppendTo(nil, 1); len(b) != mod.Size() {
		t.Errorf("size %d of %d bytes", mod.Size(), len(b))
	}
}

func checkGroup(t *testing.T, g openflow.GroupEntry) {
	if !g.Equal(&g) {
		t.Error("a group differs from itself")
	}
	for _, w := range g.Buckets {
		_ = w.Actions.String()
		if again := openflow.NewActions(w.Actions.List()...); again != w.Actions {
			t.Errorf("actions %x, again %x", w.Actions, again)
		}
	}
}
