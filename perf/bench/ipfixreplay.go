package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// recording is what an exporter sent, datagram by datagram.
type recording struct {
	templates [][]byte
	data      [][]byte // of one record each, as OVS sends them
	packets   []uint64 // that each of data tells of
}

// Places in an IPFIX message (RFC 7011, section 3.1), and the first set that has records.
const (
	ipfixTimeAt     = 4
	ipfixSequenceAt = 8
	ipfixSetAt      = 16
	ipfixFirstData  = 256
)

// add takes a datagram. Records about the exporter itself are no flows: they are left out.
func (r *recording) add(d *ipfix.Decoder, from netip.AddrPort, datagram []byte) error {
	records, options := 0, 0
	var packets uint64
	err := d.Decode(from, datagram, time.Now(), func(r *ipfix.Record) {
		if records++; r.Options {
			options++
		}
		packets += r.Packets
	})
	switch {
	case err != nil:
		return err
	case binary.BigEndian.Uint16(datagram[ipfixSetAt:]) < ipfixFirstData:
		r.templates = append(r.templates, datagram)
	case options == 0 && records == 1:
		r.data, r.packets = append(r.data, datagram), append(r.packets, packets)
	case options == 0:
		return fmt.Errorf("a datagram of OVS has %d records", records)
	}
	return nil
}

// bytes are those of all records' datagrams.
func (r *recording) bytes() int {
	n := 0
	for _, m := range r.data {
		n += len(m)
	}
	return n
}

// replayBatch is how many datagrams one system call sends.
const replayBatch = 32

// replay sends a recording over and over, as one exporter that goes on.
type replay struct {
	recording *recording
	conn      *net.UDPConn
	packets   *ipv4.PacketConn
	batch     []ipv4.Message
	sequence  uint32 // of the next record
	next      int    // place in the recording
}

func newReplay(r *recording, to string) (*replay, error) {
	at, err := net.ResolveUDPAddr("udp4", to)
	if err != nil {
		return nil, err
	}
	conn, err := net.DialUDP("udp4", nil, at)
	if err != nil {
		return nil, err
	}
	p := &replay{recording: r, conn: conn, packets: ipv4.NewPacketConn(conn), sequence: 1}
	for range replayBatch {
		p.batch = append(p.batch, ipv4.Message{Buffers: [][]byte{make([]byte, 0, 1500)}})
	}
	return p, nil
}

// replayed is what was sent.
type replayed struct {
	records int
	packets uint64 // that the records tell of
	took    time.Duration
}

// send sends the templates and then so many records, evenly at a rate, from the first
// CPU; during, unless nil, is done in the middle.
func (p *replay) send(ctx context.Context, records int, rate float64, during func(context.Context) error) (sent replayed, err error) {
	if err := p.tell(); err != nil {
		return sent, err
	}
	var group errgroup.Group
	if during != nil {
		group.Go(func() error {
			if err := pause(ctx, time.Duration(float64(records)/rate/2*float64(time.Second))); err != nil {
				return err
			}
			return during(ctx)
		})
	}
	group.Go(func() (err error) {
		// Never unlocked: a thread of one CPU is not to serve others.
		runtime.LockOSThread()
		if err := onlyCPU(0); err != nil {
			return err
		}
		sent, err = p.evenly(ctx, records, rate)
		return err
	})
	return sent, group.Wait()
}

func (p *replay) evenly(ctx context.Context, records int, rate float64) (sent replayed, err error) {
	began := time.Now()
	for sent.records < records {
		due := began.Add(time.Duration(float64(sent.records) / rate * float64(time.Second)))
		if early := time.Until(due); early > 0 {
			if err := pause(ctx, early); err != nil {
				return sent, err
			}
		}
		n, packets, err := p.some(records - sent.records)
		if err != nil {
			return sent, fmt.Errorf("send records: %w", err)
		}
		sent.records, sent.packets = sent.records+n, sent.packets+packets
	}
	sent.took = time.Since(began)
	return sent, nil
}

// some sends the next datagrams, at most this many.
func (p *replay) some(most int) (n int, packets uint64, err error) {
	batch := p.batch[:min(most, len(p.batch))]
	for i := range batch {
		m := p.recording.data[(p.next+i)%len(p.recording.data)]
		batch[i].Buffers[0] = p.stamp(batch[i].Buffers[0], m, p.sequence+uint32(i)) //nolint:gosec // below replayBatch
	}
	n, err = p.packets.WriteBatch(batch, 0)
	for i := range max(n, 0) {
		packets += p.recording.packets[(p.next+i)%len(p.recording.data)]
	}
	p.next = (p.next + n) % len(p.recording.data)
	p.sequence += uint32(n) //nolint:gosec // sequence numbers wrap
	return n, packets, err
}

// stamp copies a message and gives it a number and the time of now.
func (p *replay) stamp(buffer, m []byte, sequence uint32) []byte {
	buffer = append(buffer[:0], m...)
	binary.BigEndian.PutUint32(buffer[ipfixTimeAt:], uint32(time.Now().Unix())) //nolint:gosec // the format's seconds are of 32 bits
	binary.BigEndian.PutUint32(buffer[ipfixSequenceAt:], sequence)
	return buffer
}

// tell sends the templates, which bear the number of the next record.
func (p *replay) tell() error {
	for _, m := range p.recording.templates {
		if _, err := p.conn.Write(p.stamp(nil, m, p.sequence)); err != nil {
			return fmt.Errorf("send templates: %w", err)
		}
	}
	return nil
}

func (p *replay) close() error { return p.conn.Close() }

// parseUDP finds the socket of an address in /proc/net/udp (net/ipv4/udp.c,
// udp4_format_sock, the same since Linux 2.6.27): the address is in hexadecimal of the
// machine's byte order, the queues are "tx:rx" in bytes, drops are last.
func parseUDP(text string, at *net.UDPAddr) (udpState, error) {
	local := fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(at.IP.To4()), at.Port)
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 13 || fields[1] != local {
			continue
		}
		_, queue, _ := strings.Cut(fields[4], ":")
		queued, err1 := strconv.ParseUint(queue, 16, 64)
		drops, err2 := strconv.ParseUint(fields[len(fields)-1], 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			return udpState{}, fmt.Errorf("/proc/net/udp: %q: %w", line, err)
		}
		return udpState{queued: queued, drops: drops}, nil
	}
	return udpState{}, fmt.Errorf("/proc/net/udp: no socket at %s", at)
}
