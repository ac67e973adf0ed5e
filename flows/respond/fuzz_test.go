package respond_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/respond"
)

// FuzzRespond: whatever a guest sends, the daemon goes on, and what it says has right
// lengths and checksums, fits any network, and is no longer a question for itself.
func FuzzRespond(f *testing.F) {
	for _, all := range probes() {
		for _, p := range all {
			f.Add(byte(p.q.Op), uint32(p.q.Datapath), uint16(p.q.In), p.q.MTU, p.q.Packet)
		}
	}
	s := tuned(logicaltest.Snapshot(network))
	f.Fuzz(func(t *testing.T, op byte, datapath uint32, in, mtu uint16, packet []byte) {
		q := flows.Question{Op: flows.Opcode(op), Datapath: logical.DatapathKey(datapath % 12), In: logical.PortKey(in), MTU: mtu, Packet: packet}
		for name, port := range here.Ports {
			if p := s.PortByName(name); p.Key == q.In {
				q.Port = port
			}
		}
		before := string(packet)
		replies, err := respond.Respond(s, here, q)
		if string(packet) != before {
			t.Fatal("the question was changed")
		}
		if err != nil && replies != nil {
			t.Fatal("there is an answer and none")
		}
		for _, r := range replies {
			if string(r.Packet) == before {
				continue // it goes on
			}
			if text := render(r.Packet); bad(text) {
				t.Fatal(text)
			}
			if len(r.Packet) > 1294 {
				t.Fatalf("an answer of %d bytes", len(r.Packet))
			}
			if r.Datapath == 0 || r.PacketOut() == nil {
				t.Fatal("the answer goes nowhere")
			}
		}
	})
}
