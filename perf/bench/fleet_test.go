package bench

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

// Every port has an address of its own beside its switch's router, and each host as
// many ports, the first one's on different switches.
func TestFleet(t *testing.T) {
	for _, f := range []fleet{fleet5k, fleet50k, megaflowFleet, bedFleet} {
		seen, on := map[netip.Addr]bool{}, map[int]int{}
		for i := range f.ports() {
			a := addressOf(i)
			if seen[a] || a == gatewayOf(switchOf(i)) || !networkOf(switchOf(i)).Contains(a) {
				t.Fatalf("port %d of %+v has address %s", i, f, a)
			}
			seen[a] = true
			on[f.hostOf(i)]++
		}
		if len(on) != f.hosts || on[0] != len(f.local()) || on[0] != on[f.hosts-1] {
			t.Errorf("%+v: %d hosts with ports, %d on the first", f, len(on), on[0])
		}
	}
	if n := len(fleet5k.local()); n != 10 {
		t.Errorf("%d ports are local", n)
	}
	if f := fleet5k; switchOf(f.local()[0]) == switchOf(f.local()[1]) {
		t.Error("two local ports are on one switch")
	}
}

// The rows of the store and of OVN say the same of every port.
func TestFleetRows(t *testing.T) {
	f := fleet{switches: 2, hosts: 4, security: true}
	ours, theirs := f.storeRows(), f.northRows()
	if n, links := len(ours["Switch_Port"]), f.switches; n != f.ports()+links || len(theirs["Logical_Switch_Port"]) != n {
		t.Errorf("%d ports, OVN has %d", n, len(theirs["Logical_Switch_Port"]))
	}
	if n := len(ours["Binding"]); n != f.ports() {
		t.Errorf("%d bindings", n)
	}
	claims := map[[2]string]bool{}
	for _, r := range ours["Address"] {
		sw, _ := r["switch"].([]any)
		address, _ := r["address"].(string)
		id, _ := sw[1].(string)
		claims[[2]string{id, address}] = true
	}
	if want := 2 * (f.ports() + f.switches); len(claims) != want {
		t.Errorf("%d different addresses and MACs are claimed, want %d", len(claims), want)
	}
}

// The headers of a probe sum up as a receiver checks them (RFC 1071).
func TestProbeFrame(t *testing.T) {
	for _, protocol := range []byte{protoICMP, protoTCP, protoUDP} {
		p := routed(0, addressOf(77))
		p.protocol = protocol
		f := p.frame()
		if sum := checksum(f[14:34]); sum != 0 {
			t.Errorf("protocol %d: the IPv4 header sums up to %x", protocol, sum)
		}
		if sum := checksum(f[34:]); protocol == protoICMP && sum != 0 {
			t.Errorf("ICMP sums up to %x", sum)
		}
		if got := int(binary.BigEndian.Uint16(f[16:])); got != len(f)-14 {
			t.Errorf("protocol %d: total length %d of %d", protocol, got, len(f)-14)
		}
		if !isFor(77)(append(make([]byte, 50), withMAC(f, 77)...)) || isFor(78)(withMAC(f, 77)) {
			t.Error("a packet is not found by its destination")
		}
	}
}

// withMAC is a frame as a router hands it to a port.
func withMAC(frame []byte, port int) []byte {
	f := append([]byte(nil), frame...)
	mac := macOf(addressOf(port))
	copy(f, mac[:])
	return f
}

// A packet in a tunnel is found behind the options of its Geneve header, once.
func TestUnderway(t *testing.T) {
	began := time.Now()
	a := addressOf(ratePort(7))
	outer := make([]byte, 14+20+8+8+8)
	binary.BigEndian.PutUint16(outer[14+20+2:], 6081)
	outer[14+20+8] = 2 // words of options
	frame := append(outer, routed(0, a).frame()...)
	u := &underway{since: map[netip.Addr]time.Time{a: began, addressOf(3): began}}
	u.arrived(frame[:40], began)
	u.arrived(frame, began.Add(time.Second))
	u.arrived(frame, began.Add(2*time.Second))
	if len(u.took) != 1 || u.took[0] != time.Second || len(u.waiting()) != 1 {
		t.Errorf("took %v, waiting for %v", u.took, u.waiting())
	}
}
