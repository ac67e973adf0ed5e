package flows_test

import (
	"fmt"
	"maps"
	"net/netip"
	"runtime"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// fleet is n ports, 50 a switch, over 500 hosts or a tenth of n, behind one router.
func fleet(b testing.TB, ports int) (*logical.Snapshot, flows.Local) {
	n := newNetwork(b)
	hosts := max(500, ports/10)
	for h := range hosts {
		n.host(fmt.Sprintf("h%d", h), h+1, netip.AddrFrom4([4]byte{172, 16, byte(h >> 8), byte(h)}).Next().String())
	}
	n.router("lr", 1)
	var local []string
	for i := range ports {
		sw := fmt.Sprintf("s%d", i/50)
		subnet := netip.AddrFrom4([4]byte{10, byte(i / 50 >> 8), byte(i / 50), 0}).As4()
		if i%50 == 0 {
			n.sw(sw, 2+i/50)
			subnet[3] = 254
			n.link("lr", sw, netip.PrefixFrom(netip.AddrFrom4(subnet), 24).String())
		}
		subnet[3] = byte(1 + i%50)
		host := i % hosts
		if i%(ports/10) == 0 {
			host = 0
		}
		name := fmt.Sprintf("p%d", i)
		n.port(sw, name, fmt.Sprintf("h%d", host), netip.AddrFrom4(subnet).String())
		if host == 0 {
			local = append(local, name)
		}
	}
	return n.snapshot(), on("h0", local...)
}

// BenchmarkCompile is a cold start.
func BenchmarkCompile(b *testing.B) {
	for _, ports := range []int{5000, 50000} {
		b.Run(fmt.Sprintf("ports=%d", ports), func(b *testing.B) {
			s, local := fleet(b, ports)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var c *flows.Compiler
			all := everything(s)
			for b.Loop() {
				c = flows.New()
				c.Update(s, all, local)
				b.StopTimer() // the switch has what it waited for
				c.Done()
				b.StartTimer()
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(len(c.Rules().Flows)), "flows")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
			runtime.KeepAlive(c)
		})
	}
}

// BenchmarkChange is one remote port that moves from host to host. Its cost must not
// follow the size of the network.
func BenchmarkChange(b *testing.B) {
	for _, ports := range []int{5000, 50000} {
		b.Run(fmt.Sprintf("ports=%d", ports), func(b *testing.B) {
			s, local := fleet(b, ports)
			c := flows.New()
			c.Update(s, everything(s), local)
			c.Done()
			bind := &logical.Binding{ID: logical.ID[logical.Binding](id(logical.KindBinding, "mover")), Port: portID("p7"), Seq: 9}
			i := 0
			for b.Loop() {
				i++
				moved := *bind
				moved.Host = fmt.Sprintf("h%d", 1+i%100)
				next, delta := s.With(logical.Changes{Put: []logical.Entity{&moved}})
				s = next
				if change := c.Update(s, delta, local); len(change.FlowMods) == 0 {
					b.Fatal("nothing changed")
				}
				c.Done()
			}
		})
	}
}

// BenchmarkBind is a port of this host that comes and goes, on a switch that is reached
// by a router, too. Its cost must not follow the size of the network.
func BenchmarkBind(b *testing.B) {
	for _, ports := range []int{5000, 50000} {
		b.Run(fmt.Sprintf("ports=%d", ports), func(b *testing.B) {
			s, local := fleet(b, ports)
			c := flows.New()
			c.Update(s, everything(s), local)
			c.Done()
			number := local.Ports["p0"]
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i++
				here := local
				if here.Ports = maps.Clone(local.Ports); i%2 == 1 {
					delete(here.Ports, "p0")
				} else {
					here.Ports["p0"] = number
				}
				if change := c.Update(s, nil, here); len(change.FlowMods) == 0 {
					b.Fatal("nothing changed")
				}
				c.Done()
			}
		})
	}
}

// BenchmarkRest is what a step asks that changed nothing: how many flows there are, and
// what is wrong. Its cost must not follow the size of the network.
func BenchmarkRest(b *testing.B) {
	for _, ports := range []int{5000, 50000} {
		b.Run(fmt.Sprintf("ports=%d", ports), func(b *testing.B) {
			s, local := fleet(b, ports)
			c := flows.New()
			c.Update(s, everything(s), local)
			c.Done()
			for b.Loop() {
				if c.Len() < ports || len(c.Problems()) > 0 {
					b.Fatal("flows lack, or something is wrong")
				}
			}
		})
	}
}
