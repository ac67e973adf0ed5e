package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// tap is the harness's end of a device of a lab host: a guest whose packets the
// harness sends, and sees arrive, itself.
type tap struct {
	fd   int
	done chan struct{}
	mu   sync.Mutex
	// seen gets each frame that arrives, with its time, until the next call of watch.
	seen func(frame []byte, at time.Time)
}

// openTap opens a packet socket on a device of the host; close it.
func openTap(h *lab.Host, device string) (*tap, error) {
	t := &tap{fd: -1, done: make(chan struct{})}
	err := h.Do(func() error {
		link, err := net.InterfaceByName(device)
		if err != nil {
			return err
		}
		all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
		if t.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(all)); err != nil {
			return err
		}
		// So that read ends after close, and what is sent is not seen.
		return errors.Join(
			unix.SetsockoptTimeval(t.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 50_000}),
			unix.SetsockoptInt(t.fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1),
			unix.SetsockoptInt(t.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<20),
			unix.Bind(t.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Index}),
		)
	})
	if err != nil {
		if t.fd >= 0 {
			err = errors.Join(err, unix.Close(t.fd))
		}
		return nil, fmt.Errorf("open device %s: %w", device, err)
	}
	go t.read()
	return t, nil
}

func (t *tap) read() {
	defer close(t.done)
	buf := make([]byte, 4096)
	for {
		n, _, err := unix.Recvfrom(t.fd, buf, 0)
		at := time.Now()
		t.mu.Lock()
		seen, closed := t.seen, t.fd < 0
		t.mu.Unlock()
		switch {
		case closed:
			return
		case err == nil && seen != nil:
			seen(buf[:n], at)
		case err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR):
			return
		}
	}
}

// watch has f called, from another goroutine, with each frame that arrives from now
// on; nil for none. f must not keep the frame.
func (t *tap) watch(f func(frame []byte, at time.Time)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = f
}

func (t *tap) send(frame []byte) error {
	for {
		err := unix.Send(t.fd, frame, 0)
		if !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.ENOBUFS) {
			return err
		}
	}
}

func (t *tap) close() error {
	t.mu.Lock()
	fd := t.fd
	t.fd = -1
	t.mu.Unlock()
	<-t.done
	return unix.Close(fd)
}

// sendEvery is the pause between two packets of a guest that waits for an answer.
const sendEvery = time.Millisecond

// firstArrival sends a frame again and again until one that is looked for arrives,
// and returns when that was.
func firstArrival(ctx context.Context, from, to *tap, frame []byte, wanted func([]byte) bool) (time.Time, error) {
	arrived := make(chan time.Time, 1)
	to.watch(func(frame []byte, at time.Time) {
		if wanted(frame) {
			select {
			case arrived <- at:
			default:
			}
		}
	})
	defer to.watch(nil)
	tick := time.NewTicker(sendEvery)
	defer tick.Stop()
	for {
		if err := from.send(frame); err != nil {
			return time.Time{}, fmt.Errorf("send: %w", err)
		}
		select {
		case at := <-arrived:
			return at, nil
		case <-tick.C:
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("wait for the first packet: %w", ctx.Err())
		}
	}
}

// probe is an IPv4 packet of a guest.
type probe struct {
	srcMAC, dstMAC   logical.MAC
	src, dst         netip.Addr
	ttl, protocol    byte
	srcPort, dstPort uint16 // of TCP and UDP
}

// Protocols of IPv4.
const (
	protoICMP = 1
	protoTCP  = 6
	protoUDP  = 17
)

// frame is the packet on the wire, of 60 bytes.
func (p probe) frame() []byte {
	const ip = 14
	f := make([]byte, 60)
	copy(f, p.dstMAC[:])
	copy(f[6:], p.srcMAC[:])
	f[12] = 8 // 0x0800
	f[ip] = 0x45
	binary.BigEndian.PutUint16(f[ip+2:], 46)
	f[ip+8], f[ip+9] = p.ttl, p.protocol
	copy(f[ip+12:], p.src.AsSlice())
	copy(f[ip+16:], p.dst.AsSlice())
	binary.BigEndian.PutUint16(f[ip+10:], checksum(f[ip:ip+20]))
	l4 := f[ip+20:]
	switch p.protocol {
	case protoICMP:
		l4[0] = 8
		binary.BigEndian.PutUint16(l4[4:], p.srcPort)
		binary.BigEndian.PutUint16(l4[2:], checksum(l4))
	case protoTCP:
		binary.BigEndian.PutUint16(l4, p.srcPort)
		binary.BigEndian.PutUint16(l4[2:], p.dstPort)
		l4[12], l4[13] = 5<<4, 1<<4 // no options, ACK
	default:
		binary.BigEndian.PutUint16(l4, p.srcPort)
		binary.BigEndian.PutUint16(l4[2:], p.dstPort)
		binary.BigEndian.PutUint16(l4[4:], uint16(len(l4))) // without a checksum
	}
	return f
}

// checksum is that of RFC 1071.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// routed is a packet from a port of the fleet to an address on another switch.
func routed(from int, to netip.Addr) probe {
	return probe{
		srcMAC: macOf(addressOf(from)), dstMAC: macOf(gatewayOf(switchOf(from))), src: addressOf(from), dst: to,
		ttl: 64, protocol: protoUDP, srcPort: 1024, dstPort: 1024,
	}
}
