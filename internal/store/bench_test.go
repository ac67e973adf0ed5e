package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// fill writes n ports, 50 a switch, each bound, past the verbs: 1,000 rows a
// transaction.
func fill(b *testing.B, r *rig, n int) {
	b.Helper()
	send := func(ops []op) {
		if len(ops) > 0 {
			if _, err := r.client.transact(limit(b), ops...); err != nil {
				b.Fatal(err)
			}
		}
	}
	id := func(k logical.Kind, i int) logical.UUID {
		// Spread as real ones are: OVSDB hashes rows by their UUIDs' first bytes.
		sum := sha256.Sum256(fmt.Append(nil, k, i))
		return logical.UUID(sum[:16])
	}
	insert := func(e logical.Entity) op {
		o := insertOp(tableOf(e.Ref().Kind).name, "", encode(e))
		o["uuid"] = e.Ref().UUID.String()
		return o
	}
	ops := []op{insertOp("Global", "", row{"seq": 1, "next_datapath": n/50 + 1, "next_zone": 1})}
	var sw logical.ID[logical.Switch]
	for i := range n {
		if i%50 == 0 {
			path := &logical.Datapath{ID: logical.ID[logical.Datapath](id(logical.KindDatapath, i)), Key: logical.DatapathKey(i/50 + 1), Kind: logical.DatapathSwitch}
			sw = logical.ID[logical.Switch](id(logical.KindSwitch, i))
			ops = append(ops, insert(path), insert(&logical.Switch{ID: sw, Name: fmt.Sprintf("ls%d", i/50), Datapath: path.ID, Kind: logical.SwitchOverlay, Flood: logical.FloodNone}))
		}
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		p := &logical.SwitchPort{
			ID: logical.ID[logical.SwitchPort](id(logical.KindSwitchPort, i)), Switch: sw, Name: fmt.Sprintf("lsp-%06d", i), Key: logical.PortKey(i%50 + 1),
			Kind: logical.PortGuest, MAC: logical.DefaultMAC(a), Addresses: []netip.Addr{a}, Security: true, Seq: uint64(i),
		}
		ops = append(ops, insert(p), insert(&logical.Binding{ID: logical.ID[logical.Binding](id(logical.KindBinding, i)), Port: p.ID, Host: fmt.Sprintf("host-%04d", i%5000), Seq: 1}))
		if len(ops) > 1000 {
			send(ops)
			ops = nil
		}
	}
	send(ops)
}

func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// cpu is what this process used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLoad: connect and read all, as a daemon does at its start. B/port is
// what stays (rows as sent, entities, indexes), of a port and its binding.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{5000, 50000} {
		b.Run(fmt.Sprintf("ports=%d", n), func(b *testing.B) {
			r := newRig(b)
			fill(b, r, n)
			for b.Loop() {
				before := heap()
				ctx, cancel := context.WithCancel(b.Context())
				var took time.Duration
				began, spent := time.Now(), cpu(b)
				c := r.dial(b)
				_ = c.Run(ctx, func(u Update) {
					if u.Snapshot == nil {
						return
					}
					took = time.Since(began)
					b.ReportMetric(float64((cpu(b) - spent).Milliseconds()), "own-cpu-ms")
					if u.Snapshot.Len(logical.KindSwitchPort) != n || u.Unusable > 0 {
						b.Errorf("%d ports, %d unusable", u.Snapshot.Len(logical.KindSwitchPort), u.Unusable)
					}
					b.ReportMetric((heap()-before)/float64(n), "B/port")
					cancel()
				})
				b.ReportMetric(float64(took.Milliseconds()), "load-ms")
			}
		})
	}
}

// BenchmarkDecode is our own part of it: from the bytes to the snapshot.
func BenchmarkDecode(b *testing.B) {
	const n = 50000
	rows := []byte(`{"Switch_Port":{`)
	for i := range n {
		if i > 0 {
			rows = append(rows, ',')
		}
		rows = fmt.Appendf(rows, `"%08x-0000-4000-8000-%012x":{"initial":{"addresses":"10.%d.%d.%d","key":%d,"kind":"guest","mac":"f2:01:0a:00:00:01","name":"lsp-%06d","security":true,"seq":%d,"switch":["uuid","00000000-0000-4000-8000-%012x"]}}`,
			uint32(i)*2654435761, i, i>>16, i>>8&255, i&255, i%50+1, i, i, i/50)
	}
	rows = append(rows, "}}"...)
	b.SetBytes(int64(len(rows)))
	b.ReportAllocs()
	for b.Loop() {
		c := newCache()
		if _, faults, err := c.apply(rows, true); err != nil || len(faults) > 0 {
			b.Fatal(err, faults[:min(1, len(faults))])
		}
	}
}
