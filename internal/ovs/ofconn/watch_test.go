package ofconn_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// told says whether there is a token, and takes it. Echo comes after all that was
// told before.
func told(t *testing.T, s *ofconn.Session, foreign <-chan struct{}) bool {
	t.Helper()
	if err := s.Echo(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-foreign:
		return true
	default:
		return false
	}
}

// What another program does to flows, groups and meters is told, what the session
// itself does is not.
func TestWatch(t *testing.T) {
	h := startSwitch(t)
	s := dial(t, h)
	foreign, err := s.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	flow := openflow.Flow{Priority: 5, Match: openflow.NewMatch(openflow.InPort(1)), Do: openflow.Do(openflow.Output{Port: 2})}
	own := func(what string, messages ...openflow.Message) {
		t.Helper()
		if err := s.Bundle(t.Context(), messages); err != nil {
			t.Fatal(err)
		}
		if told(t, s, foreign) {
			t.Errorf("%s of its own is told", what)
		}
	}
	group := &openflow.GroupMod{Command: openflow.GroupAdd, Group: openflow.GroupEntry{ID: 7, Type: openflow.GroupAll}}
	own("a flow", &openflow.FlowMod{Flow: flow})
	own("a group", group)
	var many []openflow.Message
	for i := range 5000 {
		f := flow
		f.Match = openflow.NewMatch(openflow.Metadata(uint64(i)))
		many = append(many, &openflow.FlowMod{Flow: f})
	}
	own("many flows", many...)
	for i := range many {
		many[i].(*openflow.FlowMod).Command = openflow.FlowDeleteStrict
	}
	own("many deletions", many...)
	if err := s.Send(t.Context(), &openflow.MeterMod{Command: openflow.MeterAdd, Meter: openflow.MeterEntry{
		ID: 3, Flags: openflow.MeterPktps, Bands: []openflow.Band{{Rate: 10}},
	}}); err != nil {
		t.Fatal(err)
	}
	if told(t, s, foreign) {
		t.Error("a meter of its own is told")
	}
	for _, args := range [][]string{
		{"add-flow", "table=9,priority=3,actions=drop"},
		{"mod-flows", "table=9,actions=output:1"},
		{"del-flows", "table=9"},
		{"del-flows"},
		{"mod-group", "group_id=7,type=all,bucket=bucket_id:1,actions=output:1"},
		{"del-groups"},
		{"mod-meter", "meter=3,pktps,band=type=drop,rate=20"},
		{"del-meters"},
	} {
		if len(args) == 1 {
			ofctl(t, h, args[0])
		} else {
			ofctl(t, h, args[0], args[1])
		}
		if !told(t, s, foreign) {
			t.Errorf("%s is not told", fmt.Sprint(args))
		}
	}
}

// A flood of changes, which the switch ceases to tell one by one, is told.
func TestWatchFlood(t *testing.T) {
	h := startSwitch(t)
	s, other := dial(t, h), dial(t, h)
	foreign, err := s.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var many []openflow.Message
	for i := range 20_000 {
		many = append(many, &openflow.FlowMod{Flow: openflow.Flow{Match: openflow.NewMatch(openflow.Metadata(uint64(i)))}})
	}
	if err := other.Bundle(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	select {
	case <-foreign:
	case <-time.After(10 * time.Second):
		t.Fatal("20,000 flows are not told")
	}
	if n := len(dump(t, s, openflow.FlowRequest{Table: openflow.AllTables})); n != len(many) {
		t.Errorf("%d flows, want %d", n, len(many))
	}
}
