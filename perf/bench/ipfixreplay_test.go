package bench

import (
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// recorded is the recording of OVS 3.1 that monitor/ipfix has.
func recorded(t *testing.T) *recording {
	t.Helper()
	frames, err := lab.ReadPCAP("../../monitor/ipfix/testdata/3.1.0/ipfix.pcap")
	if err != nil {
		t.Fatal(err)
	}
	const headers = 14 + 20 + 8
	r, d := &recording{}, ipfix.NewDecoder()
	for _, f := range frames {
		if err := r.add(d, netip.MustParseAddrPort("127.0.0.1:1"), f[headers:]); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// TestReplay: a collector that takes all finds each record sent, in order and none
// missing; of one whose socket has no room the numbers and the kernel tell of the same loss.
func TestReplay(t *testing.T) {
	r := recorded(t)
	if len(r.templates) == 0 || len(r.data) < 400 {
		t.Fatalf("%d datagrams of templates, %d of records", len(r.templates), len(r.data))
	}
	for _, c := range []struct {
		name  string
		room  int
		loses bool
	}{{"with room", 8 << 20, false}, {"without room", 4096, true}} {
		t.Run(c.name, func(t *testing.T) {
			sink, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
			if err != nil {
				t.Fatal(err)
			}
			defer sink.Close()
			if err := sink.SetReadBuffer(c.room); err != nil {
				t.Fatal(err)
			}
			at := sink.LocalAddr().String()
			p, err := newReplay(r, at)
			if err != nil {
				t.Fatal(err)
			}
			defer p.close()
			sent, err := p.send(t.Context(), 100, 1e6, nil) // fits both: nobody reads yet
			if c.loses {
				sent, err = p.send(t.Context(), 2_000, 1e6, nil)
				sent.records += 100
			}
			if err != nil {
				t.Fatal(err)
			}
			stats, packets := drain(t, sink, p)
			socket, err := udpSocket(os.Getpid(), at)
			if err != nil {
				t.Fatal(err)
			}
			if stats.Flows+stats.Lost != uint64(sent.records) || stats.Late+stats.Restarts > 0 {
				t.Errorf("sent %+v, the decoder has %+v", sent, stats)
			}
			if (stats.Lost > 0) != c.loses || (socket.drops > 0) != c.loses || socket.queued > 0 {
				t.Errorf("lost %d, the socket has %+v", stats.Lost, socket)
			}
			if !c.loses && packets != sent.packets {
				t.Errorf("%d packets of %d", packets, sent.packets)
			}
		})
	}
}

// drain reads what waits at the socket, and then what the sender tells.
func drain(t *testing.T, sink *net.UDPConn, p *replay) (ipfix.Stats, uint64) {
	t.Helper()
	d, buffer := ipfix.NewDecoder(), make([]byte, 1<<16)
	var packets uint64
	for told := false; ; {
		if err := sink.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		n, from, err := sink.ReadFromUDPAddrPort(buffer)
		if err == nil {
			err = d.Decode(from, buffer[:n], time.Now(), func(r *ipfix.Record) { packets += r.Packets })
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		if told {
			return d.Stats(), packets
		}
		if told, err = true, p.tell(); err != nil {
			t.Fatal(err)
		}
	}
}

// Two lines as Linux 6.1 prints them, of sockets at 127.0.0.1:4739 and 0.0.0.0:4739.
const procUDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1270: 00000000:1283 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 51234 2 0000000000000000 9
 1271: 0100007F:1283 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 51235 2 0000000000000000 17
`

func TestParseUDP(t *testing.T) {
	at := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4739}
	if got, err := parseUDP(procUDP, at); err != nil || got != (udpState{queued: 0x300, drops: 17}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{
		"", "x: 0100007F:1283", "1: 0100007F:1283 00000000:0000 07 0:x 00:0 0 0 0 1 2 0 17", "1: 0100007F:1283 00000000:0000 07 0:0 00:0 0 0 0 1 2 0 x",
	} {
		if got, err := parseUDP(text, at); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
