package difftest

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// What every switch of a fleet has, on its bridge Integration.
const (
	Integration = "br-int"
	TunnelPort  = 1   // the Geneve port with remote_ip=flow
	FirstPort   = 101 // the first of Ports dummy ports, for guests and patches
	Ports       = 48
	// OptionClass is the class of the tunnel option.
	OptionClass = 0xffff
)

// underlay is the dummy port of br-phy.
const underlay = "phy"

// Fleet is a number of switches that reach each other by Geneve.
type Fleet struct {
	Switches map[string]*Switch // by the host's name
	lab      lab.T
}

// Switch is the switch of one host.
type Switch struct {
	Name    string
	Address netip.Addr // tunnel endpoint
	Lab     *lab.Host

	ctl   *unixctl.Client
	ports map[int]int // datapath port -> port of Integration
	phy   int         // the datapath port of the underlay
	wire  map[string]int
	names map[int]string // the same from the other side
}

// Address is the tunnel endpoint of the n-th host of a fleet, from 0.
func Address(n int) netip.Addr { return netip.AddrFrom4([4]byte{172, 31, 0, byte(n + 1)}) }

// NewFleet starts a switch for each name, with the addresses in their order, and closes
// all when the test ends.
func NewFleet(t lab.T, names ...string) *Fleet {
	t.Helper()
	all := map[string]netip.Addr{}
	for i, name := range names {
		all[name] = Address(i)
	}
	return fleetAt(t, all)
}

// fleetAt is a fleet whose tunnel endpoints are given: of IPv4, and in one /24.
func fleetAt(t lab.T, at map[string]netip.Addr) *Fleet {
	t.Helper()
	f := &Fleet{Switches: map[string]*Switch{}, lab: t}
	for name, a := range at {
		f.Switches[name] = &Switch{Name: name, Address: a, Lab: lab.New(t, lab.Options{Dummy: true, Tunnels: true})}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	errs := make(chan error, len(at))
	for _, s := range f.Switches {
		all.Go(func() { errs <- s.build(ctx, at) })
	}
	all.Wait()
	for range at {
		if err := <-errs; err != nil {
			t.Fatalf("%v", err)
		}
	}
	return f
}

// build makes bridges, ports, routes and neighbours.
func (s *Switch) build(ctx context.Context, hosts map[string]netip.Addr) error {
	s.ctl = unixctl.New(s.Lab.RunDir(), "ovs-vswitchd")
	args := strings.Fields("add-br br-phy -- set bridge br-phy datapath_type=dummy -- add-port br-phy " + underlay +
		" -- set interface " + underlay + " type=dummy ofport_request=1" +
		" -- add-br " + Integration + " -- set bridge " + Integration + " datapath_type=dummy fail-mode=secure protocols=OpenFlow15" +
		" -- add-port " + Integration + " geneve -- set interface geneve type=geneve options:remote_ip=flow options:key=flow ofport_request=" + strconv.Itoa(TunnelPort))
	for i := range Ports {
		n := strconv.Itoa(FirstPort + i)
		args = append(args, "--", "add-port", Integration, "p"+n, "--", "set", "interface", "p"+n, "type=dummy", "ofport_request="+n)
	}
	if _, err := s.Lab.VSCtl(ctx, args...); err != nil {
		return err
	}
	commands := [][]string{{"netdev-dummy/ip4addr", "br-phy", s.Address.String() + "/24"}, {"ovs/route/add", netip.PrefixFrom(s.Address, 24).Masked().String(), "br-phy"}}
	for _, a := range hosts {
		if a != s.Address {
			commands = append(commands, []string{"tnl/neigh/set", "br-phy", a.String(), fmt.Sprintf("aa:55:00:00:00:%02x", a.As4()[3])})
		}
	}
	for _, c := range commands {
		if _, err := s.ctl.Call(ctx, c[0], c[1:]...); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return s.readPorts(ctx)
}

// Gateway lets tunnels go to a network of IPv4 behind the underlay's, where nobody is.
func (f *Fleet) Gateway(ctx context.Context, network netip.Prefix) error {
	for _, s := range f.Switches {
		b := s.Address.As4()
		b[3] = 253
		by := netip.AddrFrom4(b).String()
		for _, c := range [][]string{
			{"tnl/neigh/set", "br-phy", by, "aa:55:00:00:01:00"}, {"ovs/route/add", network.String(), "br-phy", by},
		} {
			if _, err := s.ctl.Call(ctx, c[0], c[1:]...); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
		}
	}
	return nil
}

// readPorts learns which datapath port is which. dpif/show prints "NAME OF/DP: (TYPE)"
// for each port (ofproto/ofproto-dpif.c, dpif_show_backer, 3.1).
func (s *Switch) readPorts(ctx context.Context) error {
	text, err := s.ctl.Call(ctx, "dpif/show")
	if err != nil {
		return err
	}
	s.ports = map[int]int{}
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) < 3 {
			continue
		}
		of, dp, ok := strings.Cut(strings.TrimSuffix(words[1], ":"), "/")
		n, err1 := strconv.Atoi(of)
		d, err2 := strconv.Atoi(dp)
		switch {
		case !ok || err1 != nil || err2 != nil:
		case words[0] == underlay:
			s.phy = d
		default:
			if words[0] != "br-phy" && words[0] != Integration {
				s.ports[d] = n
			}
		}
	}
	if len(s.ports) <= Ports {
		return fmt.Errorf("%s: only %d ports in:\n%s", s.Name, len(s.ports), text)
	}
	return nil
}

// Wire says which interfaces there are: it gives each name of a simulate.Place.Port
// one of the dummy ports, and returns the port numbers by name.
func (s *Switch) Wire(names []string) (map[string]int, error) {
	if len(names) > Ports {
		return nil, fmt.Errorf("%s: %d interfaces and %d ports", s.Name, len(names), Ports)
	}
	s.wire, s.names = map[string]int{}, map[int]string{}
	for i, name := range names {
		s.wire[name], s.names[FirstPort+i] = FirstPort+i, name
	}
	return s.wire, nil
}

// Trace asks what the switch does to a packet in a flow's notation.
func (s *Switch) Trace(ctx context.Context, flow string) (Trace, string, error) {
	text, err := s.ctl.Call(ctx, "ofproto/trace", Integration, flow)
	if err != nil {
		return Trace{}, text, fmt.Errorf("%s: trace of %s: %w", s.Name, flow, err)
	}
	t, err := ParseTrace(text)
	if err != nil {
		return t, text, fmt.Errorf("%s: trace of %s: %w", s.Name, flow, err)
	}
	return t, text, nil
}
