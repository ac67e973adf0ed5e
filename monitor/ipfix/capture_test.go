package ipfix

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/golden"
)

// versions are the releases of OVS whose exports were recorded: the dummy datapath,
// every packet sampled, domain 7, point 9. Nobody listened, so that Linux made every
// other send fail (ECONNREFUSED): half of the datagrams are not there.
var versions = []string{"2.17.12", "3.1.0", "3.3.9", "3.6.3", "4.0"}

// whole is what is in each recording, by the UDP datagrams that tcpdump counts in it and
// the sets in them: -update does not change it.
var whole = map[string]struct{ datagrams, records, templates int }{
	"2.17.12": {597, 588, 42}, "3.1.0": {597, 587, 47}, "3.3.9": {596, 587, 42}, "3.6.3": {596, 587, 42}, "4.0": {596, 587, 42},
}

// datagram is one of a capture.
type datagram struct {
	from    netip.AddrPort
	payload []byte
}

// capture yields the UDP datagrams of a recording in pcap's classic format.
func capture(t testing.TB, version string) iter.Seq[datagram] {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", version, "ipfix.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	const fileHeader, packetHeader, ethernet, udp = 24, 16, 14, 8
	return func(yield func(datagram) bool) {
		for b := data[fileHeader:]; len(b) > 0; {
			n := int(binary.LittleEndian.Uint32(b[8:]))
			ip := b[packetHeader+ethernet : packetHeader+n]
			head := ip[int(ip[0]&15)*4:]
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[12:16])), binary.BigEndian.Uint16(head))
			if !yield(datagram{from, head[udp:]}) {
				return
			}
			b = b[packetHeader+n:]
		}
	}
}

// line is a record as a network engineer reads it.
func line(r *Record) string {
	if r.Options {
		return fmt.Sprintf("domain %d template %d: exporter %d could not send %d datagrams", r.Domain, r.Template, r.Process, r.NotSent)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "domain %d point %d template %d %s in %s(%d)", r.Domain, r.Point, r.Template, r.Direction, r.In.Name, r.In.Index)
	if r.Direction == Egress {
		fmt.Fprintf(&b, " out %s(%d)", r.Out.Name, r.Out.Index)
	}
	fmt.Fprintf(&b, " %x > %x type %#04x", r.SourceMAC, r.DestinationMAC, r.EtherType)
	if r.VLAN != 0 {
		fmt.Fprintf(&b, " vlan %d", r.VLAN)
	}
	if r.IPVersion != 0 {
		fmt.Fprintf(&b, " %s %s > %s", protocolName(r), netip.AddrPortFrom(r.Source, r.SourcePort), netip.AddrPortFrom(r.Destination, r.DestinationPort))
	}
	if r.Tunnel.Type != 0 {
		fmt.Fprintf(&b, " tunnel %d %s > %s key %d", r.Tunnel.Type, r.Tunnel.Source, r.Tunnel.Destination, r.Tunnel.Key)
	}
	fmt.Fprintf(&b, " packets %d dropped %d octets %d ip %d end %d", r.Packets, r.Dropped, r.Layer2Octets, r.Octets, r.EndReason)
	return b.String()
}

func protocolName(r *Record) string { return fmt.Sprintf("ip%d/%d", r.IPVersion, r.Protocol) }

// TestCaptures: of what each release sent, every template and every record is read, by
// its own templates or, where those were lost, by the built-in ones.
func TestCaptures(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			d := NewDecoder()
			seen := map[string]int{}
			messages, records := 0, 0
			for g := range capture(t, version) {
				messages++
				if err := d.Decode(g.from, g.payload, time.Unix(0, 0), func(r *Record) {
					records++
					seen[line(r)]++
				}); err != nil {
					t.Fatalf("message %d: %v", messages, err)
				}
			}
			s := d.Stats()
			var b strings.Builder
			fmt.Fprintf(&b, "# ovs-vswitchd %s, sampling 1: %d messages, %d records, %d lost, templates %d heard and %d built in\n",
				version, messages, records, s.Lost, s.Received, s.BuiltIn)
			for _, l := range slices.Sorted(maps.Keys(seen)) {
				fmt.Fprintf(&b, "%4d x %s\n", seen[l], l)
			}
			if got := whole[version]; got.datagrams != messages || got.records != records || got.templates != s.Received || s.Flows+s.Options != uint64(records) {
				t.Errorf("%d datagrams, %d records, %d templates; want %+v", messages, records, s.Received, got)
			}
			if s.Undecoded > 0 || len(s.Malformed) > 0 || s.Restarts > 0 || s.Late > 0 || s.Changes > 0 {
				t.Errorf("not whole: %+v", s)
			}
			golden.Check(t, filepath.Join("testdata", version, "records.txt"), b.String())
		})
	}
}

// TestBuiltInAreOVSs: every template that a release sent is the built-in one of its
// number, to the last field.
func TestBuiltInAreOVSs(t *testing.T) {
	all := builtIn()
	if len(all) != 89 {
		t.Fatalf("%d built-in templates, OVS has 88 and one of options", len(all))
	}
	heard := map[uint16]bool{}
	for _, version := range versions {
		d := NewDecoder()
		for g := range capture(t, version) {
			if err := d.Decode(g.from, g.payload, time.Unix(0, 0), func(*Record) {}); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range d.exporters {
			for key, is := range e.templates {
				heard[key.id] = true
				if guess := all[key.id]; len(guess) == 0 || !is.same(guess[0]) {
					t.Errorf("OVS %s: template %d is %v, built in is another", version, key.id, is.fields)
				}
			}
		}
	}
	if len(heard) < 80 {
		t.Errorf("the captures show %d templates only", len(heard))
	}
}

// TestBlind: a collector that starts late reads every record of every release, and the
// same of it, without having heard one template.
func TestBlind(t *testing.T) {
	for _, version := range versions {
		told, blind := NewDecoder(), NewDecoder()
		for g := range capture(t, version) {
			if id := binary.BigEndian.Uint16(g.payload[headerLength:]); id == setTemplate || id == setOptions {
				if err := told.Decode(g.from, g.payload, time.Unix(0, 0), nil); err != nil {
					t.Fatal(err)
				}
				continue
			}
			var one, other Record
			err := errors.Join(
				told.Decode(g.from, g.payload, time.Unix(0, 0), func(r *Record) { one = *r }),
				blind.Decode(g.from, g.payload, time.Unix(0, 0), func(r *Record) { other = *r }))
			if err != nil {
				t.Fatal(err)
			}
			if !other.BuiltIn {
				t.Fatal("a template came from nowhere")
			}
			one.BuiltIn = true
			if one != other {
				t.Fatalf("OVS %s:\n%s\n%s", version, line(&one), line(&other))
			}
		}
		if s := blind.Stats(); s.Undecoded > 0 || s.BuiltIn == 0 || s.Received > 0 {
			t.Errorf("OVS %s: %+v", version, s)
		}
	}
}
