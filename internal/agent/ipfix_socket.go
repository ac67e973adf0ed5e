package agent

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

const (
	// maxDatagram is more than UDP can bring.
	maxDatagram = 1 << 16
	// socketBuffer is half of what the kernel keeps for the collector while it is busy
	// (socket(7), SO_RCVBUF): about 43,000 records of OVS, which weigh 768 bytes each there.
	socketBuffer = 16 << 20
	// controlLen holds the one control message that is asked for.
	controlLen = 64
)

// listenIPFIX opens the collector's socket. It tells of what it has no room for
// (SO_RXQ_OVFL, socket(7)).
func listenIPFIX(at netip.AddrPort) (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	raw, err := conn.SyscallConn()
	if err == nil {
		var failed error
		err = raw.Control(func(fd uintptr) {
			// As root past the system's limit, else up to it.
			if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, socketBuffer) != nil {
				_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, socketBuffer)
			}
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
		})
		if err == nil {
			err = failed
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("ask for dropped datagrams: %w", err)
	}
	return conn, nil
}

// dropCount adds up what sockets dropped, one after the other: each counts from 0 in 32
// bits and tells with the next datagram that has room.
type dropCount struct {
	total uint64
	last  uint32
}

// begin is for a new socket.
func (d *dropCount) begin() { d.last = 0 }

// saw takes the control messages of a datagram.
func (d *dropCount) saw(control []byte) {
	for len(control) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			return
		}
		if h.Level == unix.SOL_SOCKET && h.Type == unix.SO_RXQ_OVFL && len(data) >= 4 {
			n := binary.NativeEndian.Uint32(data)
			d.total += uint64(n - d.last)
			d.last = n
		}
		control = rest
	}
}
