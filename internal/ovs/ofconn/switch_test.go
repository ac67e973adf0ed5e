package ofconn_test

import (
	"context"
	"errors"
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
	t.Cleanup(s.Close)
	return s
}

// ofctl runs ovs-ofctl, over OpenFlow 1.5, on the bridge.
func ofctl(t testing.TB, h *lab.Host, command string, args ...string) string {
	t.Helper()
	all := []string{"-O", "OpenFlow15", command, h.Path(bridge + ".mgmt")}
	if command == "--bundle" {
		all, args = []string{"-O", "OpenFlow15", command, args[0], h.Path(bridge + ".mgmt")}, args[1:]
	}
	all = append(all, args...)
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

// deleteAll empties all tables.
var deleteAll = &openflow.FlowMod{Command: openflow.FlowDelete, Flow: openflow.Flow{Table: openflow.AllTables}}

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

// TestCommands expects of each command what its comment says.
func TestCommands(t *testing.T) {
	s := dial(t, startSwitch(t))
	do := func(c openflow.Command, f openflow.Flow, mask uint64) {
		t.Helper()
		if err := s.Bundle(t.Context(), []openflow.Message{&openflow.FlowMod{Command: c, Flow: f, CookieMask: mask}}); err != nil {
			t.Fatal(err)
		}
	}
	flow := func(priority uint16, cookie uint64, port openflow.Port) openflow.Flow {
		return openflow.Flow{Priority: priority, Cookie: cookie, Match: openflow.NewMatch(openflow.InPort(1)), Do: openflow.Do(openflow.Output{Port: port})}
	}
	expect := func(packets uint64, want ...openflow.Flow) {
		t.Helper()
		got := map[openflow.Key]openflow.FlowEntry{}
		for _, e := range dump(t, s, openflow.FlowRequest{Table: openflow.AllTables}) {
			got[e.Key()] = e
		}
		for _, w := range want {
			if e := got[w.Key()]; e.Flow != w || w.Priority == 1 && e.Packets != packets {
				t.Errorf("got %s, want %s with %d packets", e, w, packets)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d flows, want %d", len(got), len(want))
		}
	}
	do(openflow.FlowAdd, flow(1, 5, 2), 0)
	err := s.PacketOut(t.Context(), &openflow.PacketOut{
		Match: openflow.NewMatch(openflow.InPort(1)), Actions: openflow.NewActions(openflow.Output{Port: openflow.PortTable}), Packet: make([]byte, 60),
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(1, flow(1, 5, 2))
	do(openflow.FlowAdd, flow(1, 6, 3), 0) // replaces all but the counters
	expect(1, flow(1, 6, 3))
	do(openflow.FlowModifyStrict, flow(1, 7, 2), 0) // leaves the cookie
	expect(1, flow(1, 6, 2))
	do(openflow.FlowModifyStrict, flow(9, 7, 2), 0) // adds none
	expect(1, flow(1, 6, 2))
	do(openflow.FlowAdd, flow(2, 0x1006, 2), 0)
	do(openflow.FlowModify, openflow.Flow{Do: openflow.Do(openflow.Output{Port: 3})}, 0)
	expect(1, flow(1, 6, 3), flow(2, 0x1006, 3))
	do(openflow.FlowDeleteStrict, flow(9, 0, 2), 0) // there is none
	do(openflow.FlowDeleteStrict, flow(2, 7, 2), 0xff)
	expect(1, flow(1, 6, 3), flow(2, 0x1006, 3))
	do(openflow.FlowDelete, openflow.Flow{Table: openflow.AllTables, Cookie: 0x1000}, 0xf000)
	expect(1, flow(1, 6, 3))
	do(openflow.FlowDeleteStrict, flow(1, 0, 2), 0)
	expect(0)
}

// TestManyFlows fills more than one message, and more than the socket holds, both ways.
func TestManyFlows(t *testing.T) {
	s := dial(t, startSwitch(t))
	want := map[openflow.Flow]bool{}
	all := manyFlows(benchmarkFlows)
	for _, m := range all {
		want[m.(*openflow.FlowMod).Flow] = true
	}
	if err := s.Bundle(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for _, e := range dump(t, s, openflow.FlowRequest{Table: openflow.AllTables}) {
		if !want[e.Flow] {
			t.Fatalf("the switch holds %s", e)
		}
		delete(want, e.Flow)
	}
	if len(want) != 0 {
		t.Errorf("%d flows are not there", len(want))
	}
	refused := append(all[:len(all):len(all)], &openflow.FlowMod{Flow: openflow.Flow{Do: openflow.Do(openflow.Group{ID: 1})}})
	var r *ofconn.Refused
	if err := s.Bundle(t.Context(), refused); !errors.As(err, &r) || r.Index != benchmarkFlows {
		t.Errorf("the last of many: %v", err)
	}
	some := dump(t, s, openflow.FlowRequest{Table: 16, Match: openflow.NewMatch(openflow.Metadata(3)), Cookie: 3, CookieMask: 0xffff})
	if len(some) != 1 || some[0].Cookie != 3 {
		t.Errorf("one flow asked for by table, match and cookie: %v", some)
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
