package logical

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"runtime"
	"testing"
)

// fleet is a network of n ports, 50 a switch, each bound.
func fleet(n int) []Entity {
	var all []Entity
	var sw ID[Switch]
	for i := range n {
		if i%50 == 0 {
			s := aSwitch(i / 50)
			_, _ = rand.Read(s.ID[:])
			sw = s.ID
			all = append(all, s)
		}
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		p := &SwitchPort{
			Switch: sw, Name: fmt.Sprintf("lsp-%06d", i), Key: PortKey(i%50 + 1), Kind: PortGuest, MAC: DefaultMAC(a),
			Addresses: []netip.Addr{a}, Security: true, Seq: uint64(i),
		}
		_, _ = rand.Read(p.ID[:])
		b := &Binding{Port: p.ID, Host: fmt.Sprintf("host-%04d", i%5000), Seq: 1}
		_, _ = rand.Read(b.ID[:])
		all = append(all, p, b)
	}
	return all
}

// BenchmarkWith is one changed port. Its cost must not follow the number of ports:
// the least of the two lines is the bar for the other.
func BenchmarkWith(b *testing.B) {
	for _, n := range []int{5000, 50000} {
		b.Run(fmt.Sprintf("ports=%d", n), func(b *testing.B) {
			s := snapshotOf(fleet(n)...)
			var ports []*SwitchPort
			for p := range s.Ports() {
				ports = append(ports, p)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				p := *ports[i%len(ports)]
				p.Seq++
				next, delta := s.With(Changes{Put: []Entity{&p}})
				if len(delta) != 1 || next == s {
					b.Fatal(delta)
				}
			}
		})
	}
}

// BenchmarkLoad is a whole network at once; B/port is what stays.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{5000, 50000} {
		b.Run(fmt.Sprintf("ports=%d", n), func(b *testing.B) {
			all := fleet(n)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var s *Snapshot
			for b.Loop() {
				s = snapshotOf(all...)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "index-B/port")
			runtime.KeepAlive(s)
		})
	}
}

// TestOneChangeIsSmall counts what one changed port copies: a tenfold network may
// not cost twice as much. Allocations, not time: they do not depend on the machine.
func TestOneChangeIsSmall(t *testing.T) {
	cost := func(n int) float64 {
		s := snapshotOf(fleet(n)...)
		var p SwitchPort
		for q := range s.Ports() {
			p = *q
			break
		}
		p.Seq += 1 << 40
		return testing.AllocsPerRun(50, func() { s.With(Changes{Put: []Entity{&p}}) })
	}
	small, large := cost(2000), cost(20000)
	if large > 2*small {
		t.Errorf("one change allocates %.0f times among 2,000 ports, %.0f times among 20,000", small, large)
	}
}
