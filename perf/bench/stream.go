package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/pmd"
)

// stream is a fixed number of packets that two virtio-user guests send to and fro
// for ever: each sends back what it receives. There are fewer of them than a
// virtqueue has room for, so that nothing is ever lost to a full queue: not even
// when the guests, which share a core, are not running for a while. What is lost
// was dropped by the switch.
type stream struct {
	host   *lab.Host
	ctl    *unixctl.Client
	guests [2]*lab.Guest
}

// bursts of 32 packets that are under way; a virtqueue has room for 256.
const bursts = 4

// startStream starts a guest for each of the ports vm0 and vm1 and returns when
// both are connected. Packets do not flow yet.
func startStream(ctx context.Context, h *lab.Host, socketDir string) (*stream, error) {
	s := &stream{host: h, ctl: unixctl.New(h.RunDir(), "ovs-vswitchd")}
	mac := func(i int) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, byte(i + 1)} }
	for i := range s.guests {
		name := fmt.Sprintf("vm%d", i)
		g, err := h.StartVirtioUser(ctx, lab.GuestOptions{
			Socket: filepath.Join(socketDir, name, name+".sock"), MAC: mac(i), PeerMAC: mac(1 - i), Mode: lab.MACSwap, Idle: true,
		})
		if err != nil {
			return nil, err
		}
		s.guests[i] = g
	}
	for _, g := range s.guests {
		if err := g.Connected(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// flow lets packets flow and returns when they do.
func (s *stream) flow(ctx context.Context) error {
	before, err := s.received(ctx)
	if err != nil {
		return err
	}
	// A guest that starts drops what lay in its queues, and who sends first
	// starts last.
	if err := s.guests[1].StartForwarding(ctx); err != nil {
		return err
	}
	if err := s.guests[0].StartWithBurst(ctx, bursts); err != nil {
		return err
	}
	return s.went(ctx, before+10*32*bursts)
}

// went returns when the switch has received so many packets in all.
func (s *stream) went(ctx context.Context, packets uint64) error {
	return lab.Until(ctx, "packets flow", func(ctx context.Context) error {
		n, err := s.received(ctx)
		if err == nil && n < packets {
			err = fmt.Errorf("%d packets received, not yet %d", n, packets)
		}
		return err
	})
}

// received counts the packets that PMD threads took from ports.
func (s *stream) received(ctx context.Context) (uint64, error) {
	text, err := s.ctl.Call(ctx, "dpif-netdev/pmd-perf-show", "-nh")
	if err != nil {
		return 0, err
	}
	threads, err := pmd.ParsePerfShow(strings.NewReader(text))
	if err != nil {
		return 0, err
	}
	var n uint64
	for _, t := range threads {
		if t.RxPackets != nil {
			n += *t.RxPackets
		}
	}
	return n, nil
}

// halt stops the guests and returns when the switch has done with what they sent.
func (s *stream) halt(ctx context.Context) error {
	for _, g := range s.guests {
		if err := g.StopForwarding(ctx); err != nil {
			return err
		}
	}
	return s.still(ctx)
}

// still returns when no packet has moved for a tenth of a second.
func (s *stream) still(ctx context.Context) error {
	var last uint64
	since := time.Now()
	return lab.Until(ctx, "no packet moves", func(ctx context.Context) error {
		n, err := s.received(ctx)
		if err != nil {
			return err
		}
		if n != last {
			last, since = n, time.Now()
		}
		if time.Since(since) < 100*time.Millisecond {
			return errors.New("packets were moving just now")
		}
		return nil
	})
}

// account is what guests sent, and what the switch put into their queues, since
// they started.
type account struct{ sent, delivered uint64 }

// account reads it while the stream is halted.
func (s *stream) account(ctx context.Context) (account, error) {
	var a account
	for _, g := range s.guests {
		stats, err := g.Stats(ctx)
		if err != nil {
			return a, err
		}
		a.sent += stats.TxPackets
	}
	out, err := s.host.Command(ctx, "ovs-ofctl", "dump-ports", "br0").Output()
	if err != nil {
		return a, err
	}
	ports, err := parsePortStats(string(out))
	if err != nil {
		return a, err
	}
	for name, p := range ports {
		if name != "LOCAL" {
			a.delivered += p.tx
		}
	}
	return a, nil
}

// longestGap watches the stream until ctx ends and returns the longest time in
// which the switch received nothing.
func (s *stream) longestGap(ctx context.Context) (time.Duration, error) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	var last uint64
	var gap time.Duration
	moved := time.Now()
	for {
		n, err := s.received(ctx)
		switch {
		case ctx.Err() != nil:
			return gap, nil
		case err != nil:
			return gap, err
		}
		gap = max(gap, time.Since(moved))
		if n != last {
			last, moved = n, time.Now()
		}
		select {
		case <-ctx.Done():
			return gap, nil
		case <-tick.C:
		}
	}
}
