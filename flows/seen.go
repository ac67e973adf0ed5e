package flows

import (
	"iter"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// seen keeps what many units look at in one snapshot: to find a row by its name costs
// a digest each time.
type seen struct {
	of    *logical.Snapshot
	hosts map[string]seenHost
	links map[logical.ID[logical.Switch]][]seenLink
	// networks are those that a router is connected to.
	networks map[logical.ID[logical.Router]]map[netip.Prefix]bool
}

type seenHost struct {
	name logical.Ref // what was read
	host *logical.Host
}

// seenLink is a port that leads to a router, and the router's behind it or nil.
type seenLink struct {
	port, name logical.Ref // what was read
	p          *logical.SwitchPort
	rp         *logical.RouterPort
}

// now is what is kept of the snapshot in view.
func (v *view) now() *seen {
	if v.seen.of != v.snap {
		v.seen = seen{v.snap, map[string]seenHost{}, map[logical.ID[logical.Switch]][]seenLink{}, map[logical.ID[logical.Router]]map[netip.Prefix]bool{}}
	}
	return &v.seen
}

func (v *view) host(name string) *logical.Host {
	kept := v.now().hosts
	h, ok := kept[name]
	if !ok {
		h = seenHost{named(readHostName, name), v.snap.HostByName(name)}
		kept[name] = h
	}
	v.read(h.name)
	return h.host
}

// links walks the router ports on a switch.
func (v *view) links(sw logical.ID[logical.Switch]) iter.Seq2[*logical.SwitchPort, *logical.RouterPort] {
	v.readID(readLinks, sw.UUID())
	kept := v.now().links
	all, ok := kept[sw]
	if !ok {
		for p := range v.snap.LinksOf(sw) {
			all = append(all, seenLink{p.Ref(), named(readRouterPortName, p.Peer), p, v.snap.RouterPortOf(p)})
		}
		kept[sw] = all
	}
	return func(yield func(*logical.SwitchPort, *logical.RouterPort) bool) {
		for _, l := range all {
			v.read(l.port)
			v.read(l.name)
			if l.rp == nil {
				continue
			}
			if v.read(l.rp.Ref()); !yield(l.p, l.rp) {
				return
			}
		}
	}
}

// takeNotes has what is looked at from now on noted, and what was before forgotten.
func (v *view) takeNotes() {
	v.noted = v.noted[:0]
	v.note = func(r logical.Ref) { v.noted = append(v.noted, r) }
}

func (v *view) endNotes() { v.note = nil }

// notes are what was looked at since, ascending and each once.
func (v *view) notes() []logical.Ref {
	slices.SortFunc(v.noted, logical.Ref.Compare)
	return slices.Clone(slices.Compact(v.noted))
}
