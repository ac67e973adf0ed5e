package ofconn_test

import (
	"context"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// groups are groups of every shape, as the switch holds them.
func groups() []of.GroupEntry {
	out := func(p of.Port) of.Actions { return of.NewActions(of.Output{Port: p}) }
	return []of.GroupEntry{
		{ID: 1, Type: of.GroupAll, Buckets: []of.Bucket{{ID: 1, Actions: out(1)}, {ID: 7, Actions: out(2)}}},
		{ID: 2, Type: of.GroupSelect, Buckets: []of.Bucket{{ID: 0, Weight: 10, Actions: out(1)}, {ID: 1, Weight: 0, Actions: out(2), WatchPort: 2}}},
		{
			ID: 3, Type: of.GroupSelect, Method: of.Selection{Name: "hash", Fields: []of.FieldValue{of.Number(of.FieldIPProto, 0xff), of.Number(of.FieldIPSrc, 0xffff0000)}},
			Buckets: []of.Bucket{{ID: 1, Weight: 100, Actions: of.NewActions(of.Set(of.Reg(1, 5)), of.Resubmit{Table: 50})}},
		},
		{ID: 4, Type: of.GroupSelect, Method: of.Selection{Name: "dp_hash", Param: 1}, Buckets: []of.Bucket{{ID: 1, Weight: 1, Actions: out(3)}}},
		{ID: 5, Type: of.GroupIndirect, Buckets: []of.Bucket{{ID: 1, Actions: of.NewActions(of.CT{Commit: true, Zone: 3}, of.Output{Port: 1})}}},
		{ID: 6, Type: of.GroupFailover, Buckets: []of.Bucket{{ID: 1, WatchPort: 1, Actions: out(1)}, {ID: 2, WatchGroup: 1, Actions: of.NewActions(of.Group{ID: 1})}}},
		{ID: 7, Type: of.GroupAll},
	}
}

func TestGroups(t *testing.T) {
	h := startSwitch(t)
	s := dial(t, h)
	want := map[uint32]of.GroupEntry{}
	var mods []of.Message
	for _, g := range groups() {
		want[g.ID] = g
		mods = append(mods, &of.GroupMod{Command: of.GroupAdd, Group: g})
	}
	if err := s.Bundle(t.Context(), mods); err != nil {
		t.Fatal(err)
	}
	held(t, s, want)
	printed := ofctl(t, h, "dump-groups")
	for _, g := range groups() {
		if !strings.Contains(printed, "\n "+g.String()+"\n") {
			t.Errorf("ovs-ofctl does not print %s\n%s", g, printed)
		}
	}

	insert := of.Bucket{ID: 3, Actions: of.NewActions(of.Output{Port: 3})}
	err := s.Bundle(t.Context(), []of.Message{
		&of.GroupMod{Command: of.GroupInsertBucket, Bucket: of.BucketLast, Group: of.GroupEntry{ID: 1, Buckets: []of.Bucket{insert}}},
		&of.GroupMod{Command: of.GroupRemoveBucket, Bucket: 1, Group: of.GroupEntry{ID: 1}},
		&of.GroupMod{Command: of.GroupModify, Group: of.GroupEntry{ID: 7, Type: of.GroupAll, Buckets: []of.Bucket{insert}}},
		&of.GroupMod{Command: of.GroupDelete, Group: of.GroupEntry{ID: 5}},
		&of.GroupMod{Command: of.GroupDelete, Group: of.GroupEntry{ID: 500}},
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(want, 5)
	want[1] = of.GroupEntry{ID: 1, Buckets: []of.Bucket{groups()[0].Buckets[1], insert}}
	want[7] = of.GroupEntry{ID: 7, Buckets: []of.Bucket{insert}}
	held(t, s, want)
}

// held compares the switch's groups.
func held(t *testing.T, s *ofconn.Session, want map[uint32]of.GroupEntry) {
	t.Helper()
	got, err := s.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range got {
		if w := want[g.ID]; !g.Equal(&w) {
			t.Errorf("group %d:\n%s", g.ID, cmp.Diff(w, g, cmp.AllowUnexported(of.FieldValue{})))
		}
	}
	if len(got) != len(want) {
		t.Errorf("the switch holds %d groups of %d", len(got), len(want))
	}
}

func TestMetersAndOptions(t *testing.T) {
	s := dial(t, startSwitch(t))
	meters := []of.MeterEntry{
		{ID: 1, Flags: of.MeterPktps | of.MeterBurst, Bands: []of.Band{{Rate: 100, Burst: 10}}},
		{ID: 2, Flags: of.MeterKbps | of.MeterStats | of.MeterBurst, Bands: []of.Band{{Rate: 1000, Burst: 5}}},
		{ID: of.MeterSlowPath, Flags: of.MeterPktps | of.MeterBurst, Bands: []of.Band{{Rate: 2000, Burst: 200}}},
		{ID: of.MeterController, Flags: of.MeterPktps | of.MeterBurst, Bands: []of.Band{{Rate: 1000, Burst: 1}}},
	}
	for _, m := range meters {
		if err := s.Send(t.Context(), &of.MeterMod{Meter: m}); err != nil {
			t.Fatal(err)
		}
	}
	meters[0].Bands[0].Rate = 50
	if err := s.Send(t.Context(), &of.MeterMod{Command: of.MeterModify, Meter: meters[0]}, &of.MeterMod{Command: of.MeterDelete, Meter: meters[1]}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Meters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint32]of.MeterEntry{1: meters[0], of.MeterSlowPath: meters[2], of.MeterController: meters[3]}
	all := map[uint32]of.MeterEntry{}
	for _, m := range got {
		all[m.ID] = m
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}

	maps := []of.TLVMap{{Class: 0xff00, Type: 0x81, Length: 4}, {Class: 0xff00, Type: 2, Length: 8, Index: 63}}
	if err := s.Send(t.Context(), &of.TLVMod{Maps: maps}); err != nil {
		t.Fatal(err)
	}
	table, err := s.TLVTable(t.Context())
	if diff := cmp.Diff(of.TLVTable{MaxSpace: 256, MaxFields: 64, Maps: maps}, table); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	var refused *ofconn.Refused
	err = s.Send(t.Context(), &of.TLVMod{Command: of.TLVDelete, Maps: maps[1:]}, &of.TLVMod{Maps: maps[:1]})
	if !errors.As(err, &refused) || refused.Index != 1 || errName(refused) != "NXTTMFC_ALREADY_MAPPED" {
		t.Errorf("mapping an option again: %v", err)
	}
}

// TestRefused expects that a refused bundle names the message and changes nothing.
func TestRefused(t *testing.T) {
	s := dial(t, startSwitch(t))
	good := func(n uint16) of.Message {
		return &of.FlowMod{Flow: of.Flow{Table: 1, Priority: n, Do: of.Do(of.Output{Port: 1})}}
	}
	bad := func(do ...of.Action) of.Message {
		return &of.FlowMod{Flow: of.Flow{Table: 2, Match: of.NewMatch(of.Metadata(7)), Do: of.Do(do...)}}
	}
	noPrerequisite := &of.FlowMod{Flow: of.Flow{Table: 2, Match: of.NewMatch(of.TCPDst(80))}}
	long := make([]of.Action, 5000)
	for i := range long {
		long[i] = of.Output{Port: 1}
	}
	for name, c := range map[string]struct {
		messages []of.Message
		index    int
		err      string
	}{
		"when added":     {[]of.Message{good(1), good(2), noPrerequisite, good(3)}, 2, "OFPBMC_BAD_PREREQ"},
		"the first only": {[]of.Message{good(1), noPrerequisite, noPrerequisite}, 1, "OFPBMC_BAD_PREREQ"},
		"at commit":      {[]of.Message{good(1), bad(of.Group{ID: 77}), good(2)}, 1, "OFPBAC_BAD_OUT_GROUP"},
		"no such meter":  {[]of.Message{bad(of.Meter{ID: 9})}, 0, "OFPMMFC_INVALID_METER"},
		"a group that is there": {[]of.Message{
			&of.GroupMod{Group: of.GroupEntry{ID: 1}}, &of.GroupMod{Group: of.GroupEntry{ID: 1}},
		}, 1, "OFPGMFC_GROUP_EXISTS"},
		"contradiction": {[]of.Message{&of.FlowMod{Flow: of.Flow{Match: of.NewMatch(of.Reg(0, 1), of.Reg(0, 2))}}}, 0, "OFPBMC_DUP_FIELD"},
	} {
		t.Run(name, func(t *testing.T) {
			parts := slices.Chunk(c.messages, len(c.messages))
			if name != "the first only" { // that is one part
				parts = slices.Chunk(c.messages, 1)
			}
			err := s.BundleOf(t.Context(), parts)
			var refused *ofconn.Refused
			if !errors.As(err, &refused) || refused.Index != c.index || refused.Message != c.messages[c.index] {
				t.Fatalf("got %v, want message %d refused", err, c.index)
			}
			if errName(refused) != c.err {
				t.Errorf("got %v, want %s", err, c.err)
			}
			if flows := dump(t, s, of.FlowRequest{Table: of.AllTables}); len(flows) != 0 {
				t.Errorf("the switch holds %v", flows)
			}
		})
	}
	var refused *ofconn.Refused
	tooLong := []of.Message{good(1), bad(long...)}
	if err := s.BundleOf(t.Context(), slices.Chunk(tooLong, 1)); !errors.Is(err, ofconn.ErrTooLong) || !errors.As(err, &refused) || refused.Index != 1 {
		t.Errorf("a flow of 80 kB: %v", err)
	}
	if err := s.Send(t.Context(), tooLong...); !errors.Is(err, ofconn.ErrTooLong) {
		t.Errorf("a flow of 80 kB, sent alone: %v", err)
	}
	if err := s.Bundle(t.Context(), []of.Message{good(1)}); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// errName is OVS's name for what was refused.
func errName(err error) string {
	var e *of.Error
	if errors.As(err, &e) {
		return e.Name()
	}
	return ""
}

// TestEvents follows a packet to the controller and on, and a flow to its end.
func TestEvents(t *testing.T) {
	h := startSwitch(t)
	s := dial(t, h)
	prepare(t, s)
	q := s.Subscribe(16)
	defer q.Close()
	for _, err := range []error{
		s.SetPacketInFormat(t.Context(), of.PacketInNicira2),
		s.SetControllerID(t.Context(), 9),
		s.SetAsync(t.Context(), of.Async{
			PacketIns: []of.Reason{of.ReasonNoMatch, of.ReasonAction, of.ReasonInvalidTTL, of.ReasonPacketOut},
			Removed:   []of.RemovedReason{of.RemovedDelete, of.RemovedIdle}, Ports: true,
		}),
		s.SetRole(t.Context(), of.RolePrimary, 1),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	punt := of.Flow{
		Table: 12, Priority: 7, Cookie: 0xabc, Flags: of.FlowSendRemoved,
		Do: of.Do(of.Set(of.Reg(8, 0x55)), of.Controller{ID: 9, Userdata: "\x01dhcp"}, of.Controller{ID: 9, Userdata: "x", Pause: true}, of.Output{Port: 2}),
	}
	if err := s.Bundle(t.Context(), add(punt)); err != nil {
		t.Fatal(err)
	}
	frame, _ := hex.DecodeString("0200000000020200000000010800450000140000000040110000" + "0a0000010a000002" + strings.Repeat("00", 30))
	err := s.PacketOut(t.Context(), &of.PacketOut{
		Match: of.NewMatch(of.InPort(1), of.Metadata(7), of.Reg(9, 3)), Actions: of.NewActions(of.Resubmit{Table: 12}), Packet: frame,
	})
	if err != nil {
		t.Fatal(err)
	}
	in := next(t, q).PacketIn
	if in == nil {
		t.Fatal("no packet-in")
	}
	want := of.NewMatch(of.InPort(1), of.Metadata(7), of.Reg(8, 0x55), of.Reg(9, 3))
	if string(in.Packet) != string(frame) || in.Table != 12 || in.Cookie != 0xabc || in.Reason != of.ReasonAction || string(in.Userdata) != "\x01dhcp" || in.FullLen != len(frame) {
		t.Errorf("packet-in: %+v", in)
	}
	if in.Match != want {
		t.Errorf("packet-in: %s, want %s", in.Match, want)
	}
	// OVS forgets table and cookie of the flow that paused when it came there by
	// resubmit: userdata has to tell.
	paused := next(t, q).PacketIn
	if paused == nil || string(paused.Userdata) != "x" || paused.Match != want || string(paused.Packet) != string(frame) || len(paused.Continuation) == 0 {
		t.Fatalf("packet-in of a paused packet: %+v", paused)
	}
	if err := s.Resume(t.Context(), paused); err != nil {
		t.Fatal(err)
	}
	until(t, func() string { return ofctl(t, h, "dump-ports", "2") }, "tx pkts=1,")

	h.Allow(regexp.MustCompile("port 65520 is outside|OFPBAC_BAD_OUT_PORT"))
	if err := s.PacketOut(t.Context(), &of.PacketOut{Actions: of.NewActions(of.Output{Port: 0xfff0}), Packet: frame}); err != nil {
		t.Fatal(err)
	}
	if e := next(t, q); e.Error == nil || e.Error.Name() != "OFPBAC_BAD_OUT_PORT" {
		t.Errorf("a packet for a port there cannot be: %+v", e)
	}
	if err := s.Bundle(t.Context(), []of.Message{&of.FlowMod{Command: of.FlowDeleteStrict, Flow: punt}}); err != nil {
		t.Fatal(err)
	}
	gone := next(t, q).Removed
	if gone == nil || gone.Key() != punt.Key() || gone.Cookie != punt.Cookie || gone.Reason != of.RemovedDelete || gone.Packets != 1 || gone.Bytes != uint64(len(frame)) {
		t.Errorf("flow removed: %+v", gone)
	}
	if _, err := h.VSCtl(t.Context(), "del-port", bridge, "p3"); err != nil {
		t.Fatal(err)
	}
	port := next(t, q).Port
	if port == nil || !port.Deleted || port.Port.Port != 3 || port.Port.Name != "p3" {
		t.Errorf("port status: %+v", port)
	}
}

// next is the next event.
func next(t *testing.T, q *ofconn.Subscription) ofconn.Event {
	t.Helper()
	select {
	case e := <-q.Events():
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
		return ofconn.Event{}
	}
}

// until returns when look gives a text that has want in it.
func until(t *testing.T, look func() string, want string) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	limit := time.After(10 * time.Second)
	for {
		text := look()
		if strings.Contains(text, want) {
			return
		}
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("no %q in %s", want, text)
		}
	}
}

func TestDescriptions(t *testing.T) {
	s := dial(t, startSwitch(t))
	ports, err := s.Ports(t.Context())
	names := map[of.Port]string{}
	for _, p := range ports {
		names[p.Port] = p.Name
	}
	if diff := cmp.Diff(map[of.Port]string{1: "p1", 2: "p2", 3: "p3", of.PortLocal: bridge}, names); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	tables, err := s.Tables(t.Context())
	if err != nil || len(tables) != 254 || tables[253].Table != 253 || tables[0].MaxEntries < 100000 {
		t.Errorf("%d tables, %v", len(tables), err)
	}
	for _, err := range []error{s.Echo(t.Context()), s.Barrier(t.Context()), s.FlushZone(t.Context(), 5), s.Bundle(t.Context(), nil), s.Send(t.Context())} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestSwitchGoes(t *testing.T) {
	h := startSwitch(t)
	s := dial(t, h)
	q := s.Subscribe(1)
	if err := h.StopVswitchd(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the session does not notice")
	}
	if _, open := <-q.Events(); open {
		t.Error("an event from nowhere")
	}
	if err := s.Barrier(t.Context()); !errors.Is(err, ofconn.ErrClosed) {
		t.Errorf("barrier: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := ofconn.Dial(ctx, ofconn.Socket(h.RunDir(), bridge)); err == nil {
		t.Error("the bridge is there still")
	}
}

func TestVersionRefused(t *testing.T) {
	h := startSwitch(t)
	if _, err := h.VSCtl(t.Context(), "set", "bridge", bridge, "protocols=OpenFlow10,OpenFlow13"); err != nil {
		t.Fatal(err)
	}
	h.Allow(regexp.MustCompile("version negotiation failed|connection dropped"))
	if _, err := ofconn.Dial(t.Context(), ofconn.Socket(h.RunDir(), bridge)); !errors.Is(err, ofconn.ErrVersion) {
		t.Errorf("got %v, want ErrVersion", err)
	}
}
