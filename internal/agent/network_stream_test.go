package agent

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stream is packets from one guest to another, one a millisecond, each with its number.
type stream struct {
	from, to *tap
	quit     chan struct{}
	over     sync.WaitGroup
	when     []time.Time // each was sent
	got      map[int]bool
}

var streamed = regexp.MustCompile(`<stream (\d+)>`)

func (g *tap) streams(to *tap) *stream {
	s := &stream{from: g, to: to, quit: make(chan struct{}), got: map[int]bool{}}
	s.over.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-s.quit:
				return
			case now := <-tick.C:
				g.send(g.frame(to.n, fmt.Sprintf("<stream %d>", len(s.when))))
				s.when = append(s.when, now)
				s.take()
			}
		}
	})
	return s
}

// take notes what has arrived.
func (s *stream) take() {
	b := make([]byte, 2048)
	for {
		n, from, err := unix.Recvfrom(s.to.fd, b, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return
		}
		if l, ok := from.(*unix.SockaddrLinklayer); !ok || l.Pkttype == unix.PACKET_OUTGOING {
			continue
		}
		if m := streamed.FindSubmatch(b[:n]); m != nil {
			number, _ := strconv.Atoi(string(m[1]))
			s.got[number] = true
		}
	}
}

// lost ends the stream and tells which packets did not arrive, as runs of numbers.
func (s *stream) lost(start time.Time) (n int, text string) {
	close(s.quit)
	s.over.Wait()
	end := len(s.when)
	s.from.r.until("the end of the stream arrives", func() error {
		s.from.send(s.from.frame(s.to.n, fmt.Sprintf("<stream %d>", end)))
		if s.take(); !s.got[end] {
			return errors.New("it does not")
		}
		return nil
	})
	var runs []string
	for i := 0; i < len(s.when); i++ {
		if s.got[i] {
			continue
		}
		first := i
		for i+1 < len(s.when) && !s.got[i+1] {
			i++
		}
		n += i - first + 1
		runs = append(runs, fmt.Sprintf("%d at %v", i-first+1, s.when[first].Sub(start).Round(time.Millisecond)))
	}
	return n, fmt.Sprintf("%d of %d: %s", n, len(s.when), strings.Join(runs, ", "))
}

// A tunnel that BFD watches is made and taken away while packets pass, at both ends: the
// flows go by it after it is there, and by the other one before it goes.
func TestWatchedTunnelTakesNoPacket(t *testing.T) {
	a, b, c, _ := pair(t)
	tenants(a, c)
	one, two := a.plug(1), b.plug(2)
	one.reaches(two, "to the edge")
	two.reaches(one, "from the edge")
	start := time.Now()
	there, back := one.streams(two), two.streams(one)
	for range 4 {
		b.write(plainOverlay("h2", "172.16.0.2", ", role: edge, bfd: {minRx: 200ms, minTx: 200ms}"))
		a.hasPorts("br-int", "sluice-bfd-h2", "sluice-geneve", "vm1")
		b.hasPorts("br-int", "sluice-bfd-h1", "sluice-geneve", "vm2")
		for _, r := range []*rig{a, b} {
			own := r.numbers(r.ports("br-int")[0])[0]
			r.until("packets go by the watched tunnel", func() error {
				if text := r.held(); !strings.Contains(text, "output:"+own+"\n") {
					return errors.New(text)
				}
				return nil
			})
		}
		b.write(plainOverlay("h2", "172.16.0.2", ""))
		a.hasPorts("br-int", "sluice-geneve", "vm1")
		b.hasPorts("br-int", "sluice-geneve", "vm2")
	}
	for what, s := range map[string]*stream{"there": there, "back": back} {
		if n, text := s.lost(start); n > 0 {
			t.Errorf("%s: lost %s", what, text)
		}
	}
}
