package ofconn_test

import (
	"flag"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"io"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

var update = flag.Bool("update", false, "record what the switch sends into ../openflow/testdata")

// recordings is where package openflow has the messages it is tested with.
const recordings = "../openflow/testdata/3.1.0"

// TestRecord holds what a switch with all shapes sends, message by message, and
// what ovs-ofctl prints of it. Without -update it only checks that all is there.
func TestRecord(t *testing.T) {
	if !*update {
		for _, name := range []string{"flows.txt", "flows.bin", "groups.bin", "meters.bin", "tlv.bin", "ports.bin", "packetin.bin"} {
			if info, err := os.Stat(filepath.Join(recordings, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v; record it with -update", name, err)
			}
		}
		return
	}
	h := startSwitch(t)
	s := dial(t, h)
	prepare(t, s)
	for _, g := range groups()[1:] {
		if err := s.Send(t.Context(), &of.GroupMod{Group: g}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Bundle(t.Context(), add(shapes()...)); err != nil {
		t.Fatal(err)
	}
	save(t, "flows.txt", []byte(ofctl(t, h, "dump-flows", "--no-stats")))
	save(t, "flows.bin", ask(t, h, of.AppendFlowRequest(nil, 1, of.FlowRequest{Table: of.AllTables}), 0))
	save(t, "groups.bin", ask(t, h, of.AppendGroupRequest(nil, 1, of.AllGroups), 0))
	save(t, "meters.bin", ask(t, h, of.AppendMeterRequest(nil, 1, of.AllMeters), 0))
	save(t, "tlv.bin", ask(t, h, of.AppendTLVRequest(nil, 1), 0))
	save(t, "ports.bin", ask(t, h, of.AppendPortRequest(nil, 1, of.PortNone), 0))
	// Two packet-ins of each form.
	b := of.AppendAsync(nil, 1, of.Async{PacketIns: []of.Reason{of.ReasonAction, of.ReasonPacketOut}})
	out := &of.PacketOut{
		Match:   of.NewMatch(of.InPort(1), of.Metadata(7), of.TunID(5), of.TunMetadata(0, []byte{1, 2, 3, 4})),
		Actions: of.NewActions(of.Controller{Userdata: "\x01\x02"}, of.Controller{Pause: true}), Packet: make([]byte, 64),
	}
	b = out.AppendTo(b, 2)
	b = of.AppendPacketInFormat(b, 3, of.PacketInNicira2)
	save(t, "packetin.bin", ask(t, h, out.AppendTo(b, 4), 4))
}

func save(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(recordings, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(recordings, name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request on a connection of its own and returns all that comes back
// until it is done and there are so many packet-ins.
func ask(t *testing.T, h *lab.Host, request []byte, packets int) []byte {
	t.Helper()
	conn, err := net.Dial("unix", ofconn.Socket(h.RunDir(), bridge))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	const end = 77
	if _, err := conn.Write(of.AppendBarrier(append(of.AppendHello(nil, 0), request...), end)); err != nil {
		t.Fatal(err)
	}
	var all []byte
	for done := false; !done || packets > 0; {
		head := make([]byte, of.HeaderLen)
		if _, err := io.ReadFull(conn, head); err != nil {
			t.Fatal(err)
		}
		info, err := of.ParseHeader(head)
		if err != nil {
			t.Fatal(err)
		}
		m := append(head, make([]byte, int(info.Length)-len(head))...)
		if _, err := io.ReadFull(conn, m[of.HeaderLen:]); err != nil {
			t.Fatal(err)
		}
		switch {
		case info.XID == end && info.Type == of.TypeBarrierReply:
			done = true
		case info.Type != of.TypeHello:
			all = append(all, m...)
			if of.IsPacketIn(m) {
				packets--
			}
		}
	}
	return all
}
