package ofconn_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// bridge is the one the tests use.
const bridge = "br0"

// startSwitch starts an Open vSwitch with dummy devices, a bridge, and on it the
// ports p1 to p3 as 1 to 3.
func startSwitch(t testing.TB) *lab.Host {
	t.Helper()
	h := lab.New(t, lab.Options{Dummy: true})
	args := []string{"add-br", bridge, "--", "set", "bridge", bridge, "datapath_type=dummy", "fail-mode=secure"}
	for _, p := range []string{"1", "2", "3"} {
		args = append(args, "--", "add-port", bridge, "p"+p, "--", "set", "interface", "p"+p, "type=dummy", "ofport_request="+p)
	}
	if _, err := h.VSCtl(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
	return h
}

func dial(t testing.TB, h *lab.Host) *ofconn.Session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	s, err := ofconn.Dial(ctx, ofconn.Socket(h.RunDir(), bridge))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// ofctl runs ovs-ofctl, over OpenFlow 1.5, on the bridge.
func ofctl(t testing.TB, h *lab.Host, command string, args ...string) string {
	t.Helper()
	all := append([]string{"-O", "OpenFlow15", command, h.Path(bridge + ".mgmt")}, args...)
	out, err := h.Command(t.Context(), "ovs-ofctl", all...).Output()
	if err != nil {
		t.Fatalf("ovs-ofctl %s: %v", command, err)
	}
	return string(out)
}

func dump(t testing.TB, s *ofconn.Session, r openflow.FlowRequest) []openflow.FlowEntry {
	t.Helper()
	var all []openflow.FlowEntry
	if err := s.DumpFlows(t.Context(), r, func(e openflow.FlowEntry) { all = append(all, e) }); err != nil {
		t.Fatal(err)
	}
	return all
}

func add(flows ...openflow.Flow) []openflow.Message {
	var all []openflow.Message
	for _, f := range flows {
		all = append(all, &openflow.FlowMod{Flow: f})
	}
	return all
}

func TestBundle(t *testing.T) {
	h := startSwitch(t)
	s := dial(t, h)
	want := openflow.Flow{
		Table: 16, Priority: 100, Cookie: 0x1234, Match: openflow.NewMatch(openflow.Metadata(7), openflow.EthDst([6]byte{2, 0, 0, 0, 0, 1})),
		Do: openflow.Do(openflow.Set(openflow.Reg(8, 5)), openflow.Resubmit{Table: 48}),
	}
	if err := s.Bundle(t.Context(), add(want)); err != nil {
		t.Fatal(err)
	}
	got := dump(t, s, openflow.FlowRequest{Table: openflow.AllTables})
	if len(got) != 1 || got[0].Flow != want {
		t.Errorf("got  %v\nwant %v\n%s", got, want, ofctl(t, h, "dump-flows"))
	}
}

// TestShapes writes flows of every shape and expects the switch to hold the very
// same, and this program to print them as ovs-ofctl does.
func TestShapes(t *testing.T) {
	h := startSwitch(t)
	s := dial(t, h)
	prepare(t, s)
	var want []openflow.Flow
	for _, f := range shapes() {
		if err := s.Bundle(t.Context(), add(f)); err != nil {
			t.Errorf("%v", err)
			continue
		}
		want = append(want, f)
	}
	held := map[openflow.Key]openflow.Flow{}
	for _, e := range dump(t, s, openflow.FlowRequest{Table: openflow.AllTables}) {
		held[e.Key()] = e.Flow
	}
	if len(held) != len(want) {
		t.Errorf("the switch holds %d flows of %d", len(held), len(want))
	}
	printed := map[string]bool{}
	for line := range strings.Lines(ofctl(t, h, "dump-flows", "--no-stats")) {
		printed[strings.TrimSpace(line)] = true
	}
	for _, f := range want {
		if got, ok := held[f.Key()]; !ok || got != f {
			t.Errorf("got  %s\nwant %s\ngot  %q %q\nwant %q %q", got, f, got.Match, got.Do, f.Match, f.Do)
		}
		if !printed[f.String()] {
			t.Errorf("ovs-ofctl does not print %s", f)
		}
		delete(printed, f.String())
	}
	for line := range printed {
		t.Logf("ovs-ofctl prints         %s", line)
	}
}

// prepare makes what the shapes refer to.
func prepare(t testing.TB, s *ofconn.Session) {
	t.Helper()
	err := s.Send(t.Context(),
		&openflow.TLVMod{Command: openflow.TLVAdd, Maps: []openflow.TLVMap{
			{Class: 0xff00, Type: 0x81, Length: 4, Index: 0}, {Class: 0xff00, Type: 2, Length: 8, Index: 1},
		}},
		&openflow.MeterMod{Meter: openflow.MeterEntry{ID: 1, Flags: openflow.MeterPktps | openflow.MeterBurst, Bands: []openflow.Band{{Rate: 100, Burst: 10}}}},
		&openflow.GroupMod{Group: openflow.GroupEntry{ID: 1, Type: openflow.GroupAll, Buckets: []openflow.Bucket{{ID: 1, Actions: openflow.NewActions(openflow.Output{Port: 1})}}}},
	)
	if err != nil {
		t.Fatal(err)
	}
}
