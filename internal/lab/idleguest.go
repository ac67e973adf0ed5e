package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// IdleGuest is the guest's side of a dpdkvhostuserclient port with nobody behind it:
// it negotiates with the switch as QEMU or virtio-user does, shares memory with a
// pair of rings in it, and never puts anything on them. The port is connected, at the
// price of a socket instead of a process: for hosts with hundreds of guests. It
// sends nothing and has no room for what it is sent.
type IdleGuest struct {
	listener *net.UnixListener
	memory   int // a file descriptor
	up       chan struct{}
	once     sync.Once // closes up
	done     chan struct{}

	mu     sync.Mutex
	conn   *net.UnixConn // nil while not connected
	closed bool
	err    error // of the newest negotiation
}

// StartIdleGuest makes the socket that a port has as vhost-server-path and answers
// the switch whenever it connects, also again, until Close.
func StartIdleGuest(socket string) (*IdleGuest, error) {
	if err := removeSocket(socket); err != nil {
		return nil, fmt.Errorf("start idle guest: %w", err)
	}
	memory, err := unix.MemfdCreate("idle-guest", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("start idle guest: memory: %w", err)
	}
	if err := unix.Ftruncate(memory, idleMemory); err != nil {
		return nil, fmt.Errorf("start idle guest: memory: %w", errors.Join(err, unix.Close(memory)))
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("start idle guest: %w", errors.Join(err, unix.Close(memory)))
	}
	g := &IdleGuest{listener: l, memory: memory, up: make(chan struct{}), done: make(chan struct{})}
	go g.serve()
	return g, nil
}

// Connected returns when the switch has connected once and knows of the rings.
func (g *IdleGuest) Connected(ctx context.Context) error {
	select {
	case <-g.up:
		return nil
	case <-ctx.Done():
		g.mu.Lock()
		defer g.mu.Unlock()
		return fmt.Errorf("idle guest at %s: wait for the switch: %w", g.listener.Addr(), errors.Join(ctx.Err(), g.err))
	}
}

// Close disconnects and removes the socket.
func (g *IdleGuest) Close() error {
	g.mu.Lock()
	g.closed = true
	err := g.listener.Close()
	if g.conn != nil {
		err = errors.Join(err, g.conn.Close())
	}
	g.mu.Unlock()
	<-g.done
	return errors.Join(err, unix.Close(g.memory))
}

// serve has one connection at a time, as a guest does.
func (g *IdleGuest) serve() {
	defer close(g.done)
	for {
		c, err := g.listener.AcceptUnix()
		if err != nil {
			return // closed
		}
		if !g.hold(c) {
			return
		}
		if err = c.SetDeadline(time.Now().Add(idlePatience)); err == nil {
			err = g.negotiate(c)
		}
		if err == nil {
			err = c.SetDeadline(time.Time{})
		}
		if err == nil {
			g.once.Do(func() { close(g.up) })
			_, _ = io.Copy(io.Discard, c) // ends with the connection
		}
		g.mu.Lock()
		g.err, g.conn = err, nil
		_ = c.Close()
		g.mu.Unlock()
	}
}

// hold keeps the connection for Close, or drops it when that was called.
func (g *IdleGuest) hold(c *net.UnixConn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		_ = c.Close()
		return false
	}
	g.conn = c
	return true
}

// The requests of vhost-user that are needed (docs/interop/vhost-user.rst of QEMU,
// lib/vhost/vhost_user.h of DPDK 22.11): the guest's side asks.
const (
	vhostGetFeatures      = 1
	vhostSetFeatures      = 2
	vhostSetOwner         = 3
	vhostSetMemTable      = 5
	vhostSetVringNum      = 8
	vhostSetVringAddr     = 9
	vhostSetVringBase     = 10
	vhostSetVringKick     = 12
	vhostSetVringCall     = 13
	vhostGetProtocol      = 15
	vhostSetProtocol      = 16
	vhostSetVringEnable   = 18
	vhostVersion          = 1
	vhostNoFD             = 1 << 8  // of a kick or call: there is no descriptor, poll
	vhostProtocolFeatures = 1 << 30 // of the features
	virtioVersion1        = 1 << 32
)

// The memory as the guest lays it out: from this address on two rings, each of a
// table of descriptors, what is available, and what is used (virtio 1.1, 2.6).
const (
	idleAddress = 1 << 32
	idleRing    = 256
	idlePart    = 4096 // room for each part of a ring of this size
	idleMemory  = 2 * 3 * idlePart
)

// idlePatience bounds a negotiation: a switch that says nothing is hung up on, and
// connects anew.
const idlePatience = 5 * time.Second

func (g *IdleGuest) negotiate(c *net.UnixConn) error {
	features, err := ask64(c, vhostGetFeatures)
	if err != nil {
		return err
	}
	if features&virtioVersion1 == 0 || features&vhostProtocolFeatures == 0 {
		return fmt.Errorf("the switch offers features %#x", features)
	}
	if _, err := ask64(c, vhostGetProtocol); err != nil {
		return err
	}
	table := le64(le32(nil, 1, 0), 0, idleMemory, idleAddress, 0)
	err = errors.Join(
		vhostSay(c, vhostSetProtocol, le64(nil, 0)), vhostSay(c, vhostSetOwner, nil),
		vhostSay(c, vhostSetFeatures, le64(nil, virtioVersion1|vhostProtocolFeatures)),
		vhostSay(c, vhostSetMemTable, table, g.memory))
	for ring := range uint32(2) {
		at := idleAddress + uint64(ring)*3*idlePart
		err = errors.Join(err,
			vhostSay(c, vhostSetVringNum, le32(nil, ring, idleRing)), vhostSay(c, vhostSetVringBase, le32(nil, ring, 0)),
			vhostSay(c, vhostSetVringAddr, le64(le32(nil, ring, 0), at, at+2*idlePart, at+idlePart, 0)),
			vhostSay(c, vhostSetVringCall, le64(nil, uint64(ring)|vhostNoFD)), vhostSay(c, vhostSetVringKick, le64(nil, uint64(ring)|vhostNoFD)))
	}
	for ring := range uint32(2) {
		err = errors.Join(err, vhostSay(c, vhostSetVringEnable, le32(nil, ring, 1)))
	}
	return err
}

// vhostSay sends a message: request, flags and size of what follows, 32 bits each.
func vhostSay(c *net.UnixConn, request uint32, payload []byte, fds ...int) error {
	m := append(le32(nil, request, vhostVersion, uint32(len(payload))), payload...)
	var control []byte
	if len(fds) > 0 {
		control = unix.UnixRights(fds...)
	}
	_, _, err := c.WriteMsgUnix(m, control, nil)
	return err
}

// ask64 sends a request without payload, and returns the 64 bits of the answer.
func ask64(c *net.UnixConn, request uint32) (uint64, error) {
	if err := vhostSay(c, request, nil); err != nil {
		return 0, err
	}
	var reply [12 + 8]byte
	if _, err := io.ReadFull(c, reply[:]); err != nil {
		return 0, err
	}
	if got, size := binary.LittleEndian.Uint32(reply[:]), binary.LittleEndian.Uint32(reply[8:]); got != request || size != 8 {
		return 0, fmt.Errorf("answer %x to request %d", reply, request)
	}
	return binary.LittleEndian.Uint64(reply[12:]), nil
}

// The protocol has the byte order of the machine; those that DPDK runs OVS on are
// little-endian.
func le32(b []byte, values ...uint32) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func le64(b []byte, values ...uint64) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}
