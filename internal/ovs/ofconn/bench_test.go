package ofconn_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// manyFlows are those of 5,000 ports: three of each.
func manyFlows(n int) []openflow.Message {
	all := make([]openflow.Message, 0, n)
	for i := range n {
		port := [6]byte{2, 0, 0, byte(i >> 16), byte(i >> 8), byte(i)}
		all = append(all, &openflow.FlowMod{Flow: openflow.Flow{
			Table: uint8(16 + 4*(i%3)), Priority: 100, Cookie: uint64(i),
			Match: openflow.NewMatch(openflow.Metadata(uint64(i%100)), openflow.EthDst(port)),
			Do:    openflow.Do(openflow.Set(openflow.Reg(8, uint32(i))), openflow.Resubmit{Table: 48}),
		}})
	}
	return all
}

const benchmarkFlows = 15000

// BenchmarkBundle writes 15,000 flows into empty tables in one bundle, and has
// ovs-ofctl do the same beside it.
func BenchmarkBundle(b *testing.B) {
	h := startSwitch(b)
	s := dial(b, h)
	all := manyFlows(benchmarkFlows)
	file := filepath.Join(b.TempDir(), "flows")
	var text strings.Builder
	for _, m := range all {
		fmt.Fprintln(&text, m.(*openflow.FlowMod).Flow)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	for name, fill := range map[string]func() error{
		"ofconn": func() error { return s.Bundle(b.Context(), all) },
		"ovs-ofctl": func() error {
			ofctl(b, h, "--bundle", "add-flows", file)
			return nil
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				if err := s.Bundle(b.Context(), []openflow.Message{deleteAll}); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if err := fill(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/benchmarkFlows, "us/flow")
		})
	}
}

// BenchmarkDump reads 15,000 flows.
func BenchmarkDump(b *testing.B) {
	s := dial(b, startSwitch(b))
	if err := s.Bundle(b.Context(), manyFlows(benchmarkFlows)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := s.DumpFlows(b.Context(), openflow.FlowRequest{Table: openflow.AllTables}, func(openflow.FlowEntry) { n++ })
		if err != nil || n != benchmarkFlows {
			b.Fatalf("%d flows, %v", n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/benchmarkFlows, "us/flow")
}
