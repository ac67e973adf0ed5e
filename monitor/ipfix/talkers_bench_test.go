package ipfix

import "testing"

// BenchmarkTalkers adds records of thrice as many flows as there is room for, one after
// the other: each takes the place of another.
func BenchmarkTalkers(b *testing.B) {
	var all Talkers
	flows := make([]Flow, 3*slotFlows)
	for i := range flows {
		flows[i] = Flow{Series: Series{Port: Port{Bridge: "br-int", Interface: "vhu1", Logical: "lsp-000001"}, Protocol: "udp", Peer: "host-0001"}, Source: addr(i), Destination: addr(i + 7), SourcePort: 2000, DestinationPort: 1024}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		all.Add(&flows[i%len(flows)], Count{Packets: 1, Bytes: 60}, epoch)
	}
}
