package ipfix

import (
	"encoding/binary"
	"testing"
	"time"
)

// sink is what a benchmark's records add up to, so that none is optimised away.
var sink uint64

// traffic is what OVS 3.1 sends in the steady state: the data messages of its capture.
func traffic(b *testing.B) [][]byte {
	var all [][]byte
	for g := range capture(b, "3.1.0") {
		if binary.BigEndian.Uint16(g.payload[headerLength:]) >= firstDataSet {
			all = append(all, g.payload)
		}
	}
	return all
}

// BenchmarkDecode reads one message of one record, as OVS sends them. The bar is
// 100,000 a second on one core, that is 10 µs each, and 200 bytes.
func BenchmarkDecode(b *testing.B) {
	d := NewDecoder()
	for g := range capture(b, "3.1.0") {
		if err := d.Decode(g.from, g.payload, time.Unix(0, 0), func(*Record) {}); err != nil {
			b.Fatal(err)
		}
	}
	messages := traffic(b)
	add := func(r *Record) { sink += r.Packets }
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := d.Decode(sender, messages[i%len(messages)], time.Unix(0, 0), add); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAllocations keeps the bar for memory: a record of the steady state allocates
// nothing at all.
func TestAllocations(t *testing.T) {
	d := NewDecoder()
	var one []byte
	for g := range capture(t, "3.1.0") {
		if err := d.Decode(sender, g.payload, time.Unix(0, 0), func(*Record) {}); err != nil {
			t.Fatal(err)
		}
		one = g.payload
	}
	add := func(r *Record) { sink += r.Packets }
	if n := testing.AllocsPerRun(1000, func() { _ = d.Decode(sender, one, time.Unix(0, 0), add) }); n > 0 {
		t.Errorf("%v allocations a record", n)
	}
}
