package agent

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// Equal routes lead from h1 over two edges back to h1, so that either may fail. Who sent a
// packet last is told by its MAC.
const overEdges = `
switch blue 10.0.1.0/24
switch t2 100.64.2.0/24
switch t3 100.64.3.0/24
switch out 10.0.9.0/24
router r1 on h1
router e2 on h2
router e3 on h3
link r1 blue 10.0.1.1/24
link r1 t2 100.64.2.1/24
link r1 t3 100.64.3.1/24
link e2 t2 100.64.2.2/24
link e3 t3 100.64.3.2/24
link e2 out 10.0.9.2/24 mac 02:00:00:00:0e:02
link e3 out 10.0.9.3/24 mac 02:00:00:00:0e:03
route r1 w2 10.0.9.0/24 via 100.64.2.2 dev t2
route r1 w3 10.0.9.0/24 via 100.64.3.2 dev t3
port near blue 10.0.1.11 mac 02:00:00:00:01:11 on h1
port far out 10.0.9.99 mac 02:00:00:00:09:99 on h1
`

const (
	slowBFD = "bfd: {minRx: 300ms, minTx: 300ms}"
	// detection is after how long without a word a session of slowBFD is down: three
	// intervals (RFC 5880, section 6.8.4).
	detection = 900 * time.Millisecond
)

// edges are three hosts with that network, of which h2 and h3 have a role.
func edges(t *testing.T, role string) *play {
	t.Helper()
	lab.Require(t, lab.Missing(lab.Options{})...)
	p := &play{fleet: newFleet(t, 3), once: map[string][]string{}, only: map[string]string{}}
	p.hosts[0].write(plainOverlay("h1", wireAddress(0).String(), ", "+slowBFD+fleetNetworks[0].profile()))
	p.role(role)
	p.become(overEdges)
	return p
}

// role gives h2 and h3 a role.
func (p *play) role(role string) {
	p.t.Helper()
	for i, r := range p.hosts[1:] {
		r.write(plainOverlay(fmt.Sprintf("h%d", i+2), wireAddress(i+1).String(), ", role: "+role+", "+slowBFD+fleetNetworks[i+1].profile()))
	}
}

// watched waits until BFD says that the tunnels of h1 to the edges are up, and both ends
// send as often as they should: they begin with one word a second.
func (p *play) watched() {
	p.t.Helper()
	r := p.hosts[0]
	r.until("BFD to both edges is up", func() error {
		for _, port := range []string{"sluice-bfd-h2", "sluice-bfd-h3"} {
			text, err := r.host.AppCtl(r.limit(), "bfd/show", port)
			if err != nil || !strings.Contains(text, "Local Session State: up") || !strings.Contains(text, "RX Interval: Approx 300ms") {
				return fmt.Errorf("%s: %v\n%s", port, err, text)
			}
		}
		return nil
	})
}

// passage is packets from one guest to another, one after the other, each with its number.
type passage struct {
	play     *play
	from, to *fleetGuest
	quit     chan struct{}
	once     sync.Once
	over     sync.WaitGroup

	mu      sync.Mutex
	sent    int
	arrived map[int]bool
	last    int         // of those that arrived
	by      logical.MAC // who sent that on
	when    []time.Time // each arrived
}

var passing = regexp.MustCompile(`<passes (\d+)>`)

func (p *play) passes(from, to string) *passage {
	s := &passage{play: p, from: p.guest(from), to: p.guest(to), quit: make(chan struct{}), arrived: map[int]bool{}, last: -1}
	first := p.packet(s.from, s.to.addresses[0], frameTTL, "<passes 0000000>")
	p.t.Cleanup(s.end)
	s.over.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-s.quit:
				return
			case <-tick.C:
				s.turn(first)
			}
		}
	})
	return s
}

// end ends it; it may have ended.
func (s *passage) end() {
	s.once.Do(func() { close(s.quit) })
	s.over.Wait()
}

// turn sends a packet, and notes what has arrived.
func (s *passage) turn(first []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := slices.Clone(first)
	copy(b[len(b)-8:], fmt.Sprintf("%07d>", s.sent))
	s.from.send(b)
	s.sent++
	s.take()
}

func (s *passage) take() {
	s.to.tap.read(func(f frame, _ uint16) {
		m := passing.FindStringSubmatch(string(f))
		if m == nil {
			return
		}
		n, _ := strconv.Atoi(m[1])
		s.arrived[n], s.when = true, append(s.when, time.Now())
		if s.last = max(s.last, n); s.last == n {
			s.by = logical.MAC(f[6:12])
		}
	})
}

// goes waits until a packet arrives that is sent from now on, sent on by whom it should,
// and tells by whom it was.
func (s *passage) goes(what string, by func(logical.MAC) bool) logical.MAC {
	s.play.t.Helper()
	s.mu.Lock()
	now := s.sent
	s.mu.Unlock()
	var is logical.MAC
	s.play.hosts[0].until(what, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if is = s.by; s.last < now || !by(is) {
			return fmt.Errorf("number %d of %d came last, by %s", s.last, s.sent, s.by)
		}
		return nil
	})
	return is
}

// silence is the longest time without a packet since some instant.
func (s *passage) silence(since time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	longest, last := time.Duration(0), since
	for _, at := range s.when {
		if at.After(since) {
			longest, last = max(longest, at.Sub(last)), at
		}
	}
	return longest
}

// lost ends the passage, and tells which packets did not arrive, of those after the first
// that did: until then tunnels ask for the MACs of their ends.
func (s *passage) lost() (n int, text string) {
	s.play.t.Helper()
	s.goes("the last packet arrives", func(logical.MAC) bool { return true })
	s.end()
	var runs []string
	i := 0
	for !s.arrived[i] {
		i++
	}
	for ; i < s.last; i++ {
		first := i
		for i < s.last && !s.arrived[i] {
			i++
		}
		if i > first {
			n, runs = n+i-first, append(runs, fmt.Sprintf("%d from number %d", i-first, first))
		}
	}
	return n, fmt.Sprintf("%d of %d: %s", n, s.sent, strings.Join(runs, ", "))
}

// An edge dies under traffic, and is cut off another time: packets go over the other as
// soon as BFD has missed it, and come back to it when it is well.
func TestEdgeFails(t *testing.T) {
	p := edges(t, "edge")
	p.watched()
	s := p.passes("near", "far")
	anybody := func(logical.MAC) bool { return true }
	first := s.goes("packets pass by an edge", anybody)
	i := int(first[5]) - 1
	edge := p.hosts[i]
	for _, r := range p.hosts {
		// Who begins anew hears of the session of before.
		r.host.Allow(regexp.MustCompile(`\|bfd\|WARN\|.*Incorrect your_disc|netdev_linux.*sending Ethernet packet on up: Network is down`))
	}
	other := func(m logical.MAC) bool { return m != first }
	for _, fault := range []struct {
		name       string
		fail, mend func()
	}{
		{"its switch is killed", func() { edge.must(edge.host.KillVswitchd()) }, func() {
			edge.step(edge.host.StartVswitchd)
			p.number(i)
		}},
		{"its cable is cut", func() { edge.link("up", "down") }, func() { edge.link("up", "up") }},
	} {
		start := time.Now()
		fault.fail()
		s.goes(fault.name+": packets pass by the other edge", other)
		gap := s.silence(start)
		t.Logf("%s: %v without a packet, of which BFD takes up to %v to miss it", fault.name, gap.Round(time.Millisecond), detection)
		if gap > patience/2 {
			t.Errorf("%s: no packet for %v", fault.name, gap)
		}
		fault.mend()
		p.watched()
		s.goes(fault.name+", and is mended: packets pass by it again", func(m logical.MAC) bool { return m == first })
	}
	if n, text := s.lost(); n == 0 {
		t.Errorf("lost %s: no edge failed", text)
	}
}

// link sets a device of a host up or down.
func (r *rig) link(device, state string) {
	r.t.Helper()
	if out, err := r.host.Command(r.limit(), "ip", "link", "set", "dev", device, state).CombinedOutput(); err != nil {
		r.t.Fatalf("%v: %s", err, out)
	}
}

// A host is cut off from the store and from its peer at once: guests on one side reach each
// other, and those of the two sides do when the cut is healed, whatever was done meanwhile.
func TestHostCutOff(t *testing.T) {
	a, b, c, way := pair(t)
	b.host.Allow(regexp.MustCompile(`netdev_linux.*sending Ethernet packet on wire: Network is down`))
	tenants(a, c)
	for _, n := range []byte{5, 6} {
		a.must(c.AddPort(a.limit(), "blue", guestPort(n)))
	}
	one, two, six := a.plug(1), b.plug(2), b.plug(6)
	one.reaches(two, "before")
	two.reaches(six, "before")
	way.cut()
	b.link("wire", "down")
	one.send(one.frame(2, "<over the cut>"))
	five := a.plug(5)
	one.reaches(five, "on one side")
	two.reaches(six, "on the other side")
	a.must(c.AddPort(a.limit(), "blue", guestPort(7)))
	a.must(c.DeletePort(a.limit(), "blue", "vm6"))
	if two.heard("<over the cut>") {
		t.Error("the cut is none: a packet came over it")
	}
	b.link("wire", "up")
	way.heal()
	two.reaches(five, "who came meanwhile")
	a.plug(7).reaches(two, "who was made meanwhile")
	b.until("what was deleted is gone", func() error {
		if strings.Contains(b.held(), "10.0.0.6") {
			return errors.New("it is not")
		}
		return nil
	})
}

// Hosts of equal routes become edges under traffic: until BFD is up for the first time OVS
// has their new tunnels down, which then all of the routes go by. No packet is lost for it.
func TestEdgesBegin(t *testing.T) {
	p := edges(t, "node")
	s := p.passes("near", "far")
	s.goes("packets pass", func(logical.MAC) bool { return true })
	p.role("edge")
	p.hosts[0].until("equal routes go by the watched tunnels", func() error {
		if text := p.hosts[0].groups(); strings.Count(text, "watch_port:") < 2 {
			return errors.New(text)
		}
		return nil
	})
	p.watched()
	s.goes("packets pass", func(logical.MAC) bool { return true })
	if n, text := s.lost(); n > 0 {
		t.Errorf("lost %s", text)
	}
}
