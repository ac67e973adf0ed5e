package agent

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// fleet is hosts h1, h2, ... of one overlay, with real switches and real tunnels,
// whose store is that of h1. The bridge br-phy of h1 is their underlay.
type fleet struct {
	t      *testing.T
	hosts  []*rig
	store  *store.Client
	guests map[string]*fleetGuest
	words  int      // how many were sent
	rested []string // the flows of each host with no network
}

// fleetGuest is the kernel's side of an interface that a logical port is bound to.
type fleetGuest struct {
	name  string // of the logical port, and of the interface
	mac   logical.MAC
	at    *rig
	fd    int
	heard []frame
}

// newFleet starts hosts and their agents, and waits until each is laid.
func newFleet(t *testing.T, n int) *fleet {
	t.Helper()
	f := &fleet{t: t, guests: map[string]*fleetGuest{}}
	for i := range n {
		r := prepare(t, lab.Options{Unconfigured: true})
		r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl|netdev_linux|rconn|vconn|bridge|ofproto_dpif_upcall|dpif_netdev)\|`))
		r.networkStore()
		r.write(plainOverlay(fmt.Sprintf("h%d", i+1), wireAddress(i).String(), ""))
		if i > 0 {
			r.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + f.hosts[0].host.DBSocket()}}
		}
		f.hosts = append(f.hosts, r)
		f.wire(i)
	}
	for _, r := range f.hosts {
		r.start()
	}
	for _, r := range f.hosts {
		r.await(monitor.ResultConverged)
		r.laid(1)
	}
	f.store = storeOf(f.hosts[0])
	for _, r := range f.hosts {
		r.quiet()
		f.rested = append(f.rested, sorted(r.held()))
	}
	return f
}

func wireAddress(i int) netip.Addr { return netip.AddrFrom4([4]byte{172, 16, 0, byte(i + 1)}) }

// wire gives a host its br-phy, with a cable to that of h1.
func (f *fleet) wire(i int) {
	f.t.Helper()
	r := f.hosts[i]
	r.vsctl("add-br", "br-phy", "--", "set", "Bridge", "br-phy", "datapath_type=netdev")
	if i > 0 {
		here, there, err := lab.Link(r.host, "up", f.hosts[0].host, fmt.Sprintf("to-h%d", i+1))
		if err != nil {
			f.t.Fatal(err)
		}
		r.vsctl("add-port", "br-phy", here.Name)
		f.hosts[0].vsctl("add-port", "br-phy", there.Name)
	}
	f.number(i)
}

// number gives a host's br-phy its address.
func (f *fleet) number(i int) {
	f.t.Helper()
	r := f.hosts[i]
	r.until("br-phy is there", func() error {
		return r.host.Command(r.limit(), "ip", "link", "show", "br-phy").Run()
	})
	r.address("br-phy", netip.PrefixFrom(wireAddress(i), 24).String())
}

// restart kills a host's switch and starts it again. br-phy's addresses are gone then.
func (f *fleet) restart(r *rig) {
	f.t.Helper()
	r.must(r.host.KillVswitchd())
	r.step(r.host.StartVswitchd)
	f.number(slices.Index(f.hosts, r))
}

// in lets a part of the test speak for itself.
func (f *fleet) in(t *testing.T, do func()) {
	outer := f.t
	speak := func(t *testing.T) {
		f.t = t
		for _, r := range f.hosts {
			r.t, r.log.t = t, t
		}
	}
	speak(t)
	defer speak(outer)
	do()
}

// lay makes the network as a snapshot says, and plugs its guests in where their
// bindings say.
func (f *fleet) lay(n *logical.Snapshot) {
	f.t.Helper()
	if _, err := f.store.Import(f.hosts[0].limit(), store.Export(n), store.ImportOptions{Prune: true}); err != nil {
		f.t.Fatal(err)
	}
	for b := range n.Bindings() {
		p := n.Port(b.Port)
		f.plug(p.Name, p.MAC, b.Host)
	}
	f.bound()
}

// bound waits until every guest is bound where it is plugged in: its host's flows
// are in force then.
func (f *fleet) bound() {
	f.t.Helper()
	f.hosts[0].until("all guests are bound", func() error {
		now, _, err := f.store.Load(f.hosts[0].limit())
		if err != nil {
			return err
		}
		for _, g := range f.guests {
			p := now.PortByName(g.name)
			if p == nil {
				return fmt.Errorf("there is no port %s", g.name)
			}
			if b := now.Bound(p.ID); b == nil || f.hostOf(b.Host) != g.at {
				return fmt.Errorf("%s is not bound where it is", g.name)
			}
		}
		return nil
	})
}

// hostOf returns a host by its name.
func (f *fleet) hostOf(name string) *rig {
	for i, r := range f.hosts {
		if name == fmt.Sprintf("h%d", i+1) {
			return r
		}
	}
	f.t.Fatalf("the fleet has no host %s", name)
	return nil
}

// plug makes a guest's interface on a host; one that has it elsewhere has moved.
func (f *fleet) plug(name string, mac logical.MAC, host string) {
	f.t.Helper()
	was := f.guests[name]
	if was != nil {
		f.unplug(was)
	}
	r := f.hostOf(host)
	r.vsctl("add-port", "br-int", name, "--", "set", "Interface", name, "type=internal", "external_ids:iface-id="+name)
	g := &fleetGuest{name: name, mac: mac, at: r, fd: r.open(name, 0).fd}
	if was != nil {
		g.heard = was.heard
	}
	f.guests[name] = g
}

func (f *fleet) unplug(g *fleetGuest) {
	g.take()
	g.at.vsctl("--if-exists", "del-port", "br-int", g.name)
}

// take reads what has come meanwhile.
func (g *fleetGuest) take() {
	b := make([]byte, 4096)
	for {
		n, from, err := unix.Recvfrom(g.fd, b, 0)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return
		default:
			if l, ok := from.(*unix.SockaddrLinklayer); ok && l.Pkttype != unix.PACKET_OUTGOING {
				g.heard = append(g.heard, slices.Clone(frame(b[:n])))
			}
		}
	}
}

func (g *fleetGuest) send(b []byte) { _, _ = unix.Write(g.fd, b) }

// got returns a frame for which ok holds, nil when none has come.
func (g *fleetGuest) got(ok func(frame) bool) frame {
	g.take()
	if i := slices.IndexFunc(g.heard, ok); i >= 0 {
		return g.heard[i]
	}
	return nil
}

// clear takes the network away again: not one flow of it may stay.
func (f *fleet) clear() {
	f.t.Helper()
	for _, g := range f.guests {
		f.unplug(g)
	}
	clear(f.guests)
	f.lay(new(logical.Snapshot))
	for i, r := range f.hosts {
		r.until("nothing is left of the network on "+r.host.RunDir(), func() error {
			if now := sorted(r.held()); now != f.rested[i] {
				return fmt.Errorf("the bridge holds\n%s\nand held before\n%s", now, f.rested[i])
			}
			return nil
		})
	}
}

// sorted puts lines into one order: flows of one priority have none.
func sorted(text string) string { return strings.Join(slices.Sorted(strings.Lines(text)), "") }
