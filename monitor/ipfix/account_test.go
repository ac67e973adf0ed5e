package ipfix

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/golden"
)

var epoch = time.Unix(1_700_000_000, 0)

func addr(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

// TestTraffic: what each release's capture adds up to by port, direction, protocol and
// peer, in a table that a network engineer can read.
func TestTraffic(t *testing.T) {
	d := NewDecoder()
	a := NewAccount(2000)
	directory := &Directory{
		Interfaces: map[string]Port{"p1": {Bridge: "br0", Interface: "p1", Logical: "vm-1"}, "b2": {Bridge: "br0", Interface: "b2"}},
		Peers:      map[netip.Addr]string{},
	}
	for g := range capture(t, "3.1.0") {
		if err := d.Decode(g.from, g.payload, epoch, func(r *Record) { a.Add(r, directory, epoch) }); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	all, hidden := a.Traffic.All()
	var lines []string
	for s, c := range all {
		lines = append(lines, fmt.Sprintf("%s %s port %q %s %s peer %q: %d packets, %d bytes\n", s.Port.Bridge, s.Port.Interface, s.Port.Logical, s.Direction, s.Protocol, s.Peer, c.Packets, c.Bytes))
	}
	slices.Sort(lines)
	fmt.Fprintf(&b, "# traffic of the capture of OVS 3.1.0, hidden %d\n%s\n# talkers\n", hidden.Packets, strings.Join(lines, ""))
	for _, talker := range a.Talkers.Top(time.Minute, 5, epoch, nil) {
		source, destination := talker.Ends()
		fmt.Fprintf(&b, "%s %s %s > %s: %d packets, %d bytes\n", talker.Port.Interface, talker.Protocol, source, destination, talker.Packets, talker.Bytes)
	}
	golden.Check(t, "testdata/traffic.txt", b.String())
}

// TestPlaces: whom a record counts for, and who is at the tunnel's other end.
func TestPlaces(t *testing.T) {
	near, far := netip.MustParseAddr("172.16.0.1"), netip.MustParseAddr("172.16.0.2")
	stranger := netip.MustParseAddr("203.0.113.9")
	vm := Port{Bridge: "br-int", Interface: "vhu1", Logical: "vm-1"}
	d := &Directory{
		Interfaces: map[string]Port{"vhu1": vm, "gnv": {Bridge: "br-int", Interface: "gnv"}},
		Domain:     5, Points: map[uint32]Port{77: vm}, Peers: map[netip.Addr]string{far: "nfv-02"},
	}
	for _, c := range []struct {
		name string
		r    Record
		port Port
		peer string
	}{
		{"in by a guest's port", Record{In: Interface{Name: "vhu1"}}, vm, ""},
		{"out by a guest's port", Record{Direction: Egress, In: Interface{Name: "gnv"}, Out: Interface{Name: "vhu1"}}, vm, ""},
		{"in by a tunnel", Record{In: Interface{Name: "gnv"}, Tunnel: Tunnel{Type: 7, Source: far, Destination: near}}, d.Interfaces["gnv"], "nfv-02"},
		{"out by a tunnel", Record{Direction: Egress, Out: Interface{Name: "gnv"}, Tunnel: Tunnel{Type: 7, Source: near, Destination: far}}, d.Interfaces["gnv"], "nfv-02"},
		{"in by a tunnel over IPv6", Record{In: Interface{Name: "gnv"}, Tunnel: Tunnel{Type: 7, Source: netip.IPv4Unspecified(), Destination: netip.IPv4Unspecified()}}, d.Interfaces["gnv"], ""},
		{"in from nobody we know", Record{In: Interface{Name: "gnv"}, Tunnel: Tunnel{Type: 7, Source: stranger, Destination: near}}, d.Interfaces["gnv"], "unknown"},
		{"a sample of the pipeline, to a guest, from a tunnel", Record{Domain: 5, Point: 77, Direction: Egress, In: Interface{Name: "gnv"}, Tunnel: Tunnel{Type: 7, Source: far, Destination: near}}, vm, "nfv-02"},
		{"a sample of the pipeline at a point that nobody names", Record{Domain: 5, Point: 78, Direction: Egress, In: Interface{Name: "gnv"}, Tunnel: Tunnel{Type: 7, Source: far, Destination: near}}, Port{}, "nfv-02"},
		{"the same point in another's domain", Record{Domain: 6, Point: 77, In: Interface{Name: "eth9"}}, Port{Interface: "eth9"}, ""},
		{"a port that nobody names", Record{}, Port{}, ""},
	} {
		if port, peer := d.place(&c.r); port != c.port || peer != c.peer {
			t.Errorf("%s: %+v, %q; want %+v, %q", c.name, port, peer, c.port, c.peer)
		}
	}
}

// TestLimit: however many keys come, as many are shown as may be; the rest is counted,
// each packet once; and what is idle for an hour makes room.
func TestLimit(t *testing.T) {
	traffic := NewTraffic(20)
	add := func(i int, now time.Time) {
		traffic.Add(Series{Port: Port{Interface: fmt.Sprint(i)}}, Count{Packets: 1, Bytes: 100}, now)
	}
	for i := range 1000 {
		add(i, epoch)
	}
	all, hidden := traffic.All()
	if len(all) != 10 || hidden != (Count{Packets: 990, Bytes: 99000}) {
		t.Errorf("%d series, hidden %+v", len(all), hidden)
	}
	add(3, epoch.Add(50*time.Minute))
	add(2000, epoch.Add(61*time.Minute))
	if all, _ = traffic.All(); len(all) != 2 || all[Series{Port: Port{Interface: "3"}}].Packets != 2 {
		t.Errorf("after an hour: %v", all)
	}
	if none := NewTraffic(0); true {
		none.Add(Series{}, Count{Packets: 1}, epoch)
		if all, hidden := none.All(); len(all) != 0 || hidden.Packets != 1 {
			t.Errorf("limit 0: %v, %v", all, hidden)
		}
	}
}

// TestTalkers: up to the room there is, the answer is exact and the order right; windows
// leave out what is older.
func TestTalkers(t *testing.T) {
	var all Talkers
	for i := range 100 {
		for range 3 {
			all.Add(&Flow{Source: addr(i)}, Count{Packets: 1, Bytes: uint64(i)}, epoch)
		}
	}
	all.Add(&Flow{Source: addr(500)}, Count{Packets: 1, Bytes: 1e9}, epoch.Add(-5*time.Minute)) // the clock went back: it counts as now's
	all.Add(&Flow{Source: addr(600)}, Count{Packets: 1, Bytes: 7e9}, epoch.Add(4*time.Minute))
	now := epoch.Add(4 * time.Minute)
	top := all.Top(time.Minute, 10, now, nil)
	if len(top) != 1 || top[0].Source != addr(600) {
		t.Errorf("of the last minute: %+v", top)
	}
	top = all.Top(10*time.Minute, 4, now, func(f *Flow) bool { return f.Source != addr(98) })
	var got []string
	for _, x := range top {
		got = append(got, fmt.Sprintf("%s %d %d %d", x.Source, x.Packets, x.Bytes, x.Doubt+x.Missed))
	}
	want := []string{"10.0.2.88 1 7000000000 0", "10.0.1.244 1 1000000000 0", "10.0.0.99 3 297 0", "10.0.0.97 3 291 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if top := all.Top(time.Hour, MaxTalkers, now.Add(time.Hour), nil); len(top) != 0 {
		t.Errorf("an hour later: %+v", top)
	}
}

// TestTalkersClock: whatever the clock does, talkers of now are found, and those of
// before are not taken for them once it has gone further than the longest window.
func TestTalkersClock(t *testing.T) {
	for _, c := range []struct {
		name string
		jump time.Duration
		old  bool // the talker of before is still in the window
	}{
		{"forth by an hour", time.Hour, false},
		{"forth by twenty years", 20 * 365 * 24 * time.Hour, false},
		{"back by two minutes", -2 * time.Minute, true},
		{"back by an hour", -time.Hour, false},
		{"back by twenty years", -20 * 365 * 24 * time.Hour, false},
	} {
		var all Talkers
		all.Add(&Flow{Source: addr(1)}, Count{Packets: 1, Bytes: 1000}, epoch)
		now := epoch.Add(c.jump)
		all.Add(&Flow{Source: addr(2)}, Count{Packets: 1, Bytes: 1}, now)
		want := []netip.Addr{addr(2)}
		if c.old {
			want = []netip.Addr{addr(1), addr(2)}
		}
		for _, later := range []time.Duration{0, time.Minute} {
			var got []netip.Addr
			for _, x := range all.Top(LongestWindow, 10, now.Add(later), nil) {
				got = append(got, x.Source)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s later: %v, want %v", c.name, later, got, want)
			}
		}
		if top := all.Top(LongestWindow, 10, now.Add(LongestWindow+3*time.Minute), nil); len(top) > 0 {
			t.Errorf("%s, after the window: %v", c.name, top)
		}
	}
}

// TestFloodOfKeys: records that each bring another name, address and port take no memory
// without end, and each packet is counted once: in a series, or as hidden.
func TestFloodOfKeys(t *testing.T) {
	const limit, sent = 100, 3 * maxNames
	d, a := NewDecoder(), NewAccount(limit)
	fields := []Field{name, packets, {Element: elementSourceIPv4, Length: 4}, {Element: elementSourcePort, Length: 2}}
	for i := range uint32(sent) {
		record := binary.BigEndian.AppendUint32([]byte{4}, i)       // the name
		record = binary.BigEndian.AppendUint64(record, uint64(i%7)) // packets
		record = binary.BigEndian.AppendUint32(record, i)           // address
		record = binary.BigEndian.AppendUint16(record, uint16(i))   // port
		m := msg(i, 0, tmpl(300, fields...), part(300, record...))
		if err := d.Decode(sender, m, epoch, func(r *Record) { a.Add(r, &Directory{}, epoch) }); err != nil {
			t.Fatal(err)
		}
	}
	all, hidden := a.Traffic.All()
	shown, want := uint64(0), uint64(0)
	for _, c := range all {
		shown += c.Packets
	}
	for i := range uint64(sent) {
		want += i % 7
	}
	if len(all)*countsOf != limit || shown+hidden.Packets != want || hidden.Packets == 0 {
		t.Errorf("%d series with %d packets, %d hidden, of %d", len(all), shown, hidden.Packets, want)
	}
	if n := len(d.names.known); n > maxNames {
		t.Errorf("%d names are kept", n)
	}
	if top := a.Talkers.Top(LongestWindow, 2*MaxTalkers, epoch, nil); len(top) != MaxTalkers {
		t.Errorf("%d talkers are kept", len(top))
	}
}

// TestTalkersBound: with many more flows than room, over several slots, what is said of
// each flow holds against exact counts: at most Doubt too many and Missed too few, and a
// flow larger than that is not left out.
func TestTalkersBound(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var all Talkers
	exact := map[netip.Addr]uint64{}
	now := epoch
	for i := range 60_000 {
		if i%20_000 == 0 {
			now = now.Add(slotTime)
		}
		n := random.IntN(8 * slotFlows)
		if random.IntN(3) == 0 {
			n %= 5 // elephants
		}
		c := Count{Packets: 1, Bytes: 64 + uint64(random.IntN(1400))}
		all.Add(&Flow{Source: addr(n)}, c, now)
		exact[addr(n)] += c.Bytes
	}
	listed := map[netip.Addr]bool{}
	for _, x := range all.Top(LongestWindow, 100*MaxTalkers, now, nil) {
		listed[x.Source] = true
		is := exact[x.Source]
		if x.Bytes > is+x.Doubt || x.Bytes+x.Missed < is {
			t.Errorf("%s: %d bytes, doubt %d, missed %d; it had %d", x.Source, x.Bytes, x.Doubt, x.Missed, is)
		}
	}
	for n := range 5 {
		if !listed[addr(n)] {
			t.Errorf("%s with %d bytes is not listed", addr(n), exact[addr(n)])
		}
	}
	top := all.Top(LongestWindow, 5, now, nil)
	for _, x := range top {
		if x.Source.Compare(addr(5)) >= 0 {
			t.Errorf("%s is among the first five", x.Source)
		}
	}
}

// BenchmarkAccount decodes a record and adds it up: what the collector does for each.
func BenchmarkAccount(b *testing.B) {
	d, a := NewDecoder(), NewAccount(2000)
	directory := &Directory{Interfaces: map[string]Port{"p1": {Bridge: "br0", Interface: "p1", Logical: "vm-1"}}}
	messages := traffic(b)
	now := epoch
	add := func(r *Record) { a.Add(r, directory, now) }
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			now = now.Add(10 * time.Millisecond)
		}
		if err := d.Decode(sender, messages[i%len(messages)], now, add); err != nil {
			b.Fatal(err)
		}
	}
}
