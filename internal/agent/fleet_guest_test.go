package agent

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

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
			if !f.down[r] && r.agent.network.Status().Laid < now.Generation() {
				return fmt.Errorf("h%d has not laid generation %d", i+1, now.Generation())
			}
		}
		return nil
	})
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
	g.tap.read(g.hear)
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
