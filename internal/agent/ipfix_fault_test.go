package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// exporting is a collector without an agent, and a sender that is an exporter to it.
type exporting struct {
	t         testing.TB
	collector *collector
	spec      atomic.Pointer[ipfix.Spec]
	out       *net.UDPConn
	sequence  uint32
	messages  [][]byte // of OVS 3.1, each of one record
	templates [][]byte
}

func newExporting(t testing.TB) *exporting {
	t.Helper()
	socket, err := listenIPFIX(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(socket.LocalAddr().String())
	x := &exporting{t: t}
	x.spec.Store(&ipfix.Spec{Mode: ipfix.ModeBridge, Sampling: 1, Listen: at, MaxSeries: 2000})
	d := &ipfix.Directory{Interfaces: map[string]ipfix.Port{"p1": {Bridge: "br0", Interface: "p1"}}}
	x.collector = &collector{
		wake: make(chan struct{}, 1),
		log:  slog.New(slog.DiscardHandler), clock: wallClock{}, spec: x.spec.Load, directory: func() *ipfix.Directory { return d },
		ask:    func(context.Context, *ipfix.Spec) ([]monitor.ExporterSample, error) { return nil, nil },
		listen: func(netip.AddrPort) (*net.UDPConn, error) { return socket, nil },
	}
	if x.out, err = net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(at)); err != nil {
		t.Fatal(err)
	}
	x.recorded()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- x.collector.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, x.out.Close()); err != nil {
			t.Error(err)
		}
	})
	x.until("it listens", func(s *monitor.IPFIX) error {
		if s == nil || !s.Listening {
			return errors.New("it does not")
		}
		return nil
	})
	return x
}

// recorded reads the messages of the recording of OVS 3.1.
func (x *exporting) recorded() {
	data, err := os.ReadFile(filepath.Join("..", "..", "monitor", "ipfix", "testdata", "3.1.0", "ipfix.pcap"))
	if err != nil {
		x.t.Fatal(err)
	}
	const packet, headers = 16, 14 + 20 + 8
	for b := data[24:]; len(b) > 0; {
		n := int(binary.LittleEndian.Uint32(b[8:]))
		m := b[packet+headers : packet+n]
		if binary.BigEndian.Uint16(m[16:]) < 256 {
			x.templates = append(x.templates, m)
		} else if m[20+4] == 0 { // of a received packet
			x.messages = append(x.messages, m)
		}
		b = b[packet+n:]
	}
}

// sends sends a message with the number that comes next.
func (x *exporting) sends(m []byte, records uint32) {
	x.t.Helper()
	if len(m) >= 12 {
		binary.BigEndian.PutUint32(m[8:], x.sequence)
	}
	x.sequence += records
	if _, err := x.out.Write(m); err != nil {
		x.t.Fatal(err)
	}
}

func (x *exporting) until(what string, holds func(*monitor.IPFIX) error) {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), patience)
	defer cancel()
	if err := lab.Until(ctx, what, func(context.Context) error { return holds(x.collector.tell()) }); err != nil {
		x.t.Fatal(err)
	}
}

// packets are those that the collector counted.
func packets(s *monitor.IPFIX) uint64 {
	n := s.Hidden.Packets
	for _, c := range s.Traffic {
		n += c.Packets
	}
	return n
}

// TestIPFIXGarbage: between records of a real exporter come datagrams that are short, cut
// off, lie about their lengths, or are no IPFIX: each is counted, and no record is read
// from it nor lost for it.
func TestIPFIXGarbage(t *testing.T) {
	x := newExporting(t)
	rounds := uint64(0)
	for i := range 200 {
		good := x.messages[i%len(x.messages)]
		x.sends(append([]byte(nil), good...), 1)
		rounds++
		for _, bad := range [][]byte{
			good[:i%16], good[:len(good)-1], append(append([]byte(nil), good...), 0), append([]byte{0, 5}, good[2:]...),
		} {
			if _, err := x.out.Write(bad); err != nil {
				t.Fatal(err)
			}
		}
	}
	x.until("all is read", func(s *monitor.IPFIX) error {
		bad := s.Decoder.Malformed
		if packets(s) != rounds || s.Decoder.Flows != rounds || s.Decoder.Lost > 0 || s.Decoder.Restarts > 0 ||
			bad[ipfix.ReasonShort] != rounds || bad[ipfix.ReasonLength] != 2*rounds || bad[ipfix.ReasonVersion] != rounds {
			return fmt.Errorf("counted %d packets, %+v", packets(s), s.Decoder)
		}
		return nil
	})
}

// TestIPFIXOtherProfile: another cap, and the counts go on; off, and they are gone.
func TestIPFIXOtherProfile(t *testing.T) {
	x := newExporting(t)
	x.sends(x.messages[0], 1)
	x.until("it is read", func(s *monitor.IPFIX) error {
		if packets(s) != 1 {
			return fmt.Errorf("%d packets", packets(s))
		}
		return nil
	})
	socket, err := listenIPFIX(x.spec.Load().Listen)
	if err == nil {
		_ = socket.Close()
		t.Fatal("the address is not taken")
	}
	x.collector.mu.Lock()
	x.collector.listen = listenIPFIX
	x.collector.mu.Unlock()
	other := *x.spec.Load()
	other.MaxSeries = 2
	x.spec.Store(&other)
	x.until("it listens anew", func(s *monitor.IPFIX) error {
		if s.Limit != 2 || packets(s) != 1 || !s.Listening {
			return fmt.Errorf("limit %d, %d packets", s.Limit, packets(s))
		}
		return nil
	})
	x.spec.Store(&ipfix.Spec{Mode: ipfix.ModeOff})
	x.until("nothing is shown", func(s *monitor.IPFIX) error {
		if s != nil {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
}

// BenchmarkCollector sends records over loopback as OVS does, each in its own datagram,
// and waits for the collector to have read or lost each. Sender and collector share the
// machine. lost/op has to be 0 at 100,000 records a second, that is 10 µs each.
func BenchmarkCollector(b *testing.B) {
	x := newExporting(b)
	for _, m := range x.templates {
		x.sends(m, 0)
	}
	b.ReportAllocs()
	sent, ahead := uint64(0), uint64(0)
	for b.Loop() {
		x.sends(x.messages[sent%uint64(len(x.messages))], 1)
		if sent++; sent-ahead >= 4096 { // as many as OVS's cache lets go at once
			ahead = x.read(sent)
		}
	}
	x.read(sent)
	s := x.collector.tell()
	b.ReportMetric(float64(s.Drops)/float64(sent), "lost/op")
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "records/s")
}

// read waits until what was sent is read or lost. What is dropped at the end nobody
// tells: the benchmark would not come to its own.
func (x *exporting) read(sent uint64) uint64 {
	for {
		x.collector.mu.Lock()
		s := x.collector.decoder.Stats()
		x.collector.mu.Unlock()
		if s.Flows+s.Lost >= sent {
			return sent
		}
		<-time.After(50 * time.Microsecond)
	}
}
