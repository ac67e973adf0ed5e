package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
)

// Mode is what a virtio-user guest does with packets, by testpmd's names.
type Mode string

// The modes of a guest. In all of them it takes what it is sent off its queues,
// except in TxOnly, where received packets pile up and are dropped by the switch.
const (
	TxOnly  Mode = "txonly"  // sends as fast as it can
	RxOnly  Mode = "rxonly"  // receives and counts
	MACSwap Mode = "macswap" // sends back what it receives, addresses exchanged
	IO      Mode = "io"      // sends back what it receives, untouched
	FlowGen Mode = "flowgen" // sends GuestOptions.Flows flows, and receives
)

// GuestOptions describe a virtio-user guest: the container's side of a
// dpdkvhostuserclient port.
type GuestOptions struct {
	// Socket is the path that the port has as vhost-server-path. The guest makes
	// it; a socket left there by a killed guest is replaced.
	Socket string
	// MAC is the guest's own address; required.
	MAC net.HardwareAddr
	// Queues is its number of queue pairs; 0 means 1.
	Queues int
	// Mode is what it does; empty means RxOnly.
	Mode Mode
	// Core is the CPU its threads run on, which is then busy.
	Core int
	// Idle leaves forwarding stopped until StartForwarding.
	Idle bool

	// PeerMAC is the destination of what TxOnly, FlowGen and MACSwap send; nil means
	// testpmd's own, 02:00:00:00:00:00.
	PeerMAC net.HardwareAddr
	// TxSource and TxDestination are the addresses in what TxOnly sends, both or
	// neither; the default is 198.18.0.1 to 198.18.0.2.
	TxSource, TxDestination netip.Addr
	// MultiFlow lets TxOnly vary the last byte of the source address.
	MultiFlow bool
	// Flows is the number of destination addresses of FlowGen; 0 means 1024.
	Flows int
	// Replay is a file of pcap whose frames it sends over and over, in IO mode; up to
	// 16,384 of them. What it receives it takes off its queues and drops.
	Replay string
	// PacketSize is the length of what TxOnly and FlowGen send, in bytes without
	// checksum; 0 means 64.
	PacketSize int

	// Hugepages gives the guest 64 MiB of hugepages rather than ordinary memory:
	// for measurements.
	Hugepages bool
}

// Stats are a guest's packet counters since it started.
type Stats struct {
	RxPackets, RxBytes, RxErrors, RxMissed, RxNoMbuf uint64
	TxPackets, TxBytes, TxErrors                     uint64
}

// Guest is a running virtio-user guest. Its methods may be called concurrently.
type Guest struct {
	cmd     *Cmd
	console *console
	socket  string
	// up is set by the first answer. Before, testpmd waits for the switch.
	up atomic.Bool
}

// StartVirtioUser starts a guest and returns when its socket is there for the
// switch to connect to, which may be long before a port of that path exists.
// Close of the host ends it.
func (h *Host) StartVirtioUser(ctx context.Context, o GuestOptions) (*Guest, error) {
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("start guest: %w", err)
	}
	if err := removeSocket(o.Socket); err != nil {
		return nil, fmt.Errorf("start guest: %w", err)
	}
	g, err := h.startGuest(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start guest at %s: %w", o.Socket, err)
	}
	return g, nil
}

func (h *Host) startGuest(ctx context.Context, o GuestOptions) (*Guest, error) {
	// stdbuf: testpmd mixes its own output, which a pipe would buffer, with that
	// of its command line, which is not buffered. It becomes testpmd by exec.
	c := h.Command(context.WithoutCancel(ctx), "stdbuf", append([]string{"-oL", "dpdk-testpmd"}, o.args(h.name)...)...)
	c.match = "dpdk-testpmd"
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, done := io.Pipe()
	c.Stdout, c.Stderr = done, done
	if err := c.Start(); err != nil {
		return nil, err
	}
	// Ends with the process.
	go func() {
		_ = c.Wait()
		_ = done.Close()
	}()
	// testpmd echoes what it is told, comments too.
	con := &console{what: c.match, mark: func(text string) string { return text }}
	g := &Guest{cmd: c, console: con.open(in, out), socket: o.Socket}
	err = Until(ctx, "its socket is there", func(context.Context) error {
		if g.console.ended() != nil {
			return nil
		}
		_, err := os.Stat(o.Socket)
		return err
	})
	return g, errors.Join(err, g.console.ended())
}

func (o *GuestOptions) validate() error {
	if !filepath.IsAbs(o.Socket) {
		return fmt.Errorf("socket %q is no absolute path", o.Socket)
	}
	if len(o.MAC) != 6 {
		return fmt.Errorf("MAC %q is not six bytes", o.MAC)
	}
	if o.PeerMAC != nil && len(o.PeerMAC) != 6 {
		return fmt.Errorf("peer MAC %q is not six bytes", o.PeerMAC)
	}
	if o.TxSource.IsValid() != o.TxDestination.IsValid() {
		return errors.New("TxSource and TxDestination are set together or not at all")
	}
	if o.Queues == 0 {
		o.Queues = 1
	}
	if o.Replay != "" && o.Mode == "" {
		o.Mode = IO
	}
	if o.Replay != "" && (o.Mode != IO || o.Queues != 1) {
		return errors.New("a guest that replays is in IO mode and has one queue pair")
	}
	if o.Mode == "" {
		o.Mode = RxOnly
	}
	return nil
}

// args are testpmd's (DPDK 22.11, doc/guides/testpmd_app_ug/run_app.rst).
func (o *GuestOptions) args(host string) []string {
	queues, memory, mbufs := strconv.Itoa(o.Queues), "64", "8192"
	if o.Replay != "" {
		memory, mbufs = "128", "24576" // the frames of the file are kept in mbufs
	}
	args := []string{
		// testpmd wants two lcores, one of them for its command line.
		"--lcores", fmt.Sprintf("0@%[1]d,1@%[1]d", o.Core),
		"--no-pci", "--no-telemetry", "--single-file-segments", "-m", memory,
		"--vdev", fmt.Sprintf("net_virtio_user0,path=%s,server=1,mac=%s,queues=%s", o.Socket, o.MAC, queues),
	}
	if o.Replay != "" {
		// A second port, with which IO exchanges (DPDK 22.11, doc/guides/nics/pcap_ring.rst).
		args = append(args, "--vdev", "net_pcap0,infinite_rx=1,rx_pcap="+o.Replay)
	}
	if o.Hugepages {
		args = append(args, "--in-memory")
	} else {
		// Memory of 4 KiB pages, in a file descriptor that the switch maps.
		args = append(args, "--no-huge", "--no-shconf", "--file-prefix", host+filepath.Base(o.Socket))
	}
	args = append(args, "--", "-i", "--forward-mode="+string(o.Mode), "--total-num-mbufs="+mbufs, "--rxq="+queues, "--txq="+queues)
	if !o.Idle {
		args = append(args, "--auto-start")
	}
	if o.PeerMAC != nil {
		args = append(args, "--eth-peer=0,"+o.PeerMAC.String())
	}
	if o.TxSource.IsValid() {
		args = append(args, fmt.Sprintf("--tx-ip=%s,%s", o.TxSource, o.TxDestination))
	}
	if o.MultiFlow {
		args = append(args, "--txonly-multi-flow")
	}
	if o.Flows > 0 {
		args = append(args, "--flowgen-flows="+strconv.Itoa(o.Flows))
	}
	if o.PacketSize > 0 {
		args = append(args, "--txpkts="+strconv.Itoa(o.PacketSize))
	}
	return args
}

// removeSocket removes a socket that nobody need miss; another kind of file is an
// error.
func removeSocket(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != os.ModeSocket {
		return fmt.Errorf("%s is there already, and is no socket", path)
	}
	return os.Remove(path)
}

// PID is the guest's process id.
func (g *Guest) PID() int { return g.cmd.Process.Pid }

// Connected returns when the switch has connected and the guest's port is up.
func (g *Guest) Connected(ctx context.Context) error {
	if _, _, err := g.console.command(ctx, ""); err != nil {
		return fmt.Errorf("guest at %s: wait for the switch: %w", g.socket, err)
	}
	g.up.Store(true)
	return nil
}

// Stats reads the packet counters. Before the switch has connected it waits.
func (g *Guest) Stats(ctx context.Context) (Stats, error) {
	out, _, err := g.console.command(ctx, "show port stats 0")
	if err != nil {
		return Stats{}, fmt.Errorf("guest at %s: %w", g.socket, err)
	}
	g.up.Store(true)
	s, err := parseStats(out)
	if err != nil {
		return Stats{}, fmt.Errorf("guest at %s: show port stats: %w", g.socket, err)
	}
	return s, nil
}

// StartForwarding lets packets flow; doing it twice is no error. Like the
// methods below it waits for the switch to connect.
func (g *Guest) StartForwarding(ctx context.Context) error { return g.say(ctx, "start") }

// StartWithBurst starts forwarding after sending 32 packets times bursts: with two
// guests in MACSwap or IO mode they then go to and fro for ever.
func (g *Guest) StartWithBurst(ctx context.Context, bursts int) error {
	return g.say(ctx, "start tx_first "+strconv.Itoa(bursts))
}

// StopForwarding stops the flow of packets and keeps the connection.
func (g *Guest) StopForwarding(ctx context.Context) error { return g.say(ctx, "stop") }

func (g *Guest) say(ctx context.Context, line string) error {
	if _, _, err := g.console.command(ctx, line); err != nil {
		return fmt.Errorf("guest at %s: %s: %w", g.socket, line, err)
	}
	g.up.Store(true)
	return nil
}

// Kill ends the guest with SIGKILL, as a crash would: its socket stays behind.
func (g *Guest) Kill() error { return g.cmd.Kill() }

// Close shuts the guest down in good order, taking its queues down first, where
// it was ever seen connected, and removes its socket. A second call does nothing.
func (g *Guest) Close() error {
	var err error
	if g.up.Load() && g.console.ended() == nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout) //nolint:forbidigo // closing has to end also when the caller has ended
		defer cancel()
		// The answer to quit is the end of the output.
		if _, _, err = g.console.command(ctx, "quit"); g.console.ended() != nil {
			err = nil
		}
	}
	return errors.Join(err, g.cmd.Kill(), removeSocket(g.socket))
}
