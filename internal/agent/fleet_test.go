package agent

import (
	"errors"
	"fmt"
	"net"
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

// fleet is hosts h1, h2, ... of one overlay, with real switches and real tunnels, and a
// machine without a switch that has the store. The bridge br-phy of h1 is their underlay.
type fleet struct {
	t      *testing.T
	hosts  []*rig
	keeper *rig // of the store
	store  *store.Client
	guests map[string]*fleetGuest
	left   []*fleetGuest // who were there
	down   map[*rig]bool // whose ovsdb-server has ended
	words  int           // how many were sent
	rested []string      // the flows of each host with no network
}

// fleetGuest is who sends and hears: the kernel's side of an interface that a logical
// port is bound to, a tag of one, or somebody on a physical network.
type fleetGuest struct {
	name      string // of the logical port, and of the interface
	mac       logical.MAC
	addresses []netip.Addr
	sw        logical.ID[logical.Switch] // where it is, or thinks that it is
	at        *rig
	bridge    string
	tap       *tap
	parent    *fleetGuest // whose interface it sends by, with its tag; nil = its own
	tag       uint16
	children  []*fleetGuest
	heard     []frame
}

// newFleet starts hosts and their agents, and waits until each is laid.
func newFleet(t *testing.T, n int) *fleet {
	t.Helper()
	f := &fleet{t: t, guests: map[string]*fleetGuest{}, down: map[*rig]bool{}, keeper: prepare(t, lab.Options{Unconfigured: true, DBOnly: true})}
	f.keeper.networkStore()
	f.served()
	for i := range n {
		r := prepare(t, lab.Options{Unconfigured: true})
		r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl|netdev_linux|rconn|vconn|bridge|ofproto_dpif_upcall|dpif_netdev)\|`))
		r.networkStore()
		r.write(plainOverlay(fmt.Sprintf("h%d", i+1), wireAddress(i).String(), fleetNetworks[i].profile()))
		r.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + f.keeper.host.DBSocket()}}
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
	f.join()
	f.store = storeOf(f.keeper)
	for _, r := range f.hosts {
		r.quiet()
		f.rested = append(f.rested, sorted(r.held()))
	}
	return f
}

// served has the fleet's ovsdb-server serve the store: it forgets it when it ends.
func (f *fleet) served() {
	f.t.Helper()
	l := f.keeper.opt.Network.Local
	f.keeper.must(store.EnsureLocal(f.keeper.limit(), l.Server, l.File, l.Like))
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
		for _, r := range append(slices.Clone(f.hosts), f.keeper) {
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
	for _, g := range f.guests {
		if g.children = nil; n.PortByName(g.name) == nil {
			f.unplug(g)
		}
	}
	for b := range n.Bindings() {
		p := n.Port(b.Port)
		f.plug(&fleetGuest{name: p.Name, mac: p.MAC, addresses: p.Addresses, sw: p.Switch, bridge: "br-int"}, b.Host)
	}
	for p := range n.Ports() {
		if parent := n.Port(p.Trunk); parent != nil {
			on := f.guests[parent.Name]
			g := &fleetGuest{name: p.Name, mac: p.MAC, addresses: p.Addresses, sw: p.Switch, at: on.at, parent: on, tag: p.Tag}
			if was := f.guests[g.name]; was != nil {
				f.unplug(was)
			}
			on.children, f.guests[g.name] = append(on.children, g), g
		}
	}
	f.bound()
}

// bound waits until every guest is bound where it is plugged in, and every host has laid
// all that is in the store.
func (f *fleet) bound() {
	f.t.Helper()
	f.hosts[0].until("all guests are bound", func() error {
		now, _, err := f.store.Load(f.hosts[0].limit())
		if err != nil {
			return err
		}
		for _, g := range f.guests {
			if g.bridge != "br-int" && g.parent == nil {
				continue
			}
			p := now.PortByName(g.name)
			if p == nil {
				return fmt.Errorf("there is no port %s", g.name)
			}
			if b := now.Bound(p.ID); b == nil || f.hostOf(b.Host) != g.at {
				return fmt.Errorf("%s is not bound where it is", g.name)
			}
		}
		for i, r := range f.hosts {
			if laid := r.agent.network.answering.Load(); !f.down[r] && (laid == nil || laid.snapshot.Generation() < now.Generation()) {
				return fmt.Errorf("h%d has not laid generation %d", i+1, now.Generation())
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
func (f *fleet) plug(g *fleetGuest, host string) {
	f.t.Helper()
	if was := f.guests[g.name]; was != nil {
		f.unplug(was)
		g.children = was.children
		for _, c := range g.children {
			c.parent, c.at = g, f.hostOf(host)
		}
	}
	g.at = f.hostOf(host)
	args := []string{"add-port", g.bridge, g.name}
	if g.bridge != "br-int" && g.tag != 0 {
		args = append(args, fmt.Sprintf("tag=%d", g.tag))
	}
	args = append(args, "--", "set", "Interface", g.name, "type=internal")
	if g.bridge == "br-int" {
		args = append(args, "external_ids:iface-id="+g.name)
	}
	g.at.vsctl(args...)
	g.tap = g.at.open(g.name, 0)
	g.at.must(unix.SetsockoptInt(g.tap.fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1))
	f.guests[g.name] = g
}

// unplug takes a guest's interface away, and waits until it is gone: one that comes
// at once in its place may be the same device.
func (f *fleet) unplug(g *fleetGuest) {
	f.t.Helper()
	g.take()
	if g.parent == nil {
		g.tap.close()
		g.at.vsctl("--if-exists", "del-port", g.bridge, g.name)
		g.at.until(g.name+" is gone", func() error {
			return g.at.host.Do(func() error {
				if _, err := net.InterfaceByName(g.name); err == nil {
					return errors.New("it is there")
				}
				return nil
			})
		})
	}
	delete(f.guests, g.name)
	f.left = append(f.left, g)
}

// send sends a frame, in the guest's own VLAN if it has the interface of another.
func (g *fleetGuest) send(b []byte) {
	by := g.tap
	if g.parent != nil {
		by, b = g.parent.tap, tagged(b, g.tag)
	}
	by.send(b)
}

// take reads what has come meanwhile.
func (g *fleetGuest) take() {
	if g.parent != nil {
		g.parent.take()
		return
	}
	b, more := make([]byte, 4096), make([]byte, 64)
	for {
		n, m, _, from, err := unix.Recvmsg(g.tap.fd, b, more, 0)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return
		default:
			if l, ok := from.(*unix.SockaddrLinklayer); ok && l.Pkttype != unix.PACKET_OUTGOING {
				g.hear(slices.Clone(frame(b[:n])), vlanOf(more[:m]))
			}
		}
	}
}

// hear gives a frame to whom it is for. One in a VLAN that nobody has is kept with its
// tag.
func (g *fleetGuest) hear(f frame, tag uint16) {
	for _, c := range g.children {
		if tag == c.tag {
			c.heard = append(c.heard, f)
			return
		}
	}
	if tag != 0 {
		f = tagged(f, tag)
	}
	g.heard = append(g.heard, f)
}

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
	f.left = nil
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
