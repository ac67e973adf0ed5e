package simulate

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// hop is where a router sends a packet.
type hop struct {
	out  *logical.RouterPort
	next netip.Addr
	why  string

	sw *logical.Switch     // where it leads
	to *logical.SwitchPort // who gets it there
}

// rank orders routes of one length: a known address, a connected network, a static
// route.
type rank int

const (
	static rank = iota
	connected
	known
)

// candidate is a route that fits a destination.
type candidate struct {
	bits  int
	rank  rank
	seq   uint64 // of a known address: its port's
	id    logical.UUID
	hop   hop
	black bool
}

// lookup finds the route for a destination, or says why there is none. The longest
// prefix wins; each known address counts as a route to itself. Of two ports with one
// address behind several router ports the older is known.
func (w *walk) lookup(r *logical.Router, dst netip.Addr) (hop, string) {
	all := slices.Concat(w.direct(r, dst), w.statics(r, dst))
	if len(all) == 0 {
		return hop{}, "no route to " + dst.String()
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(b.rank, a.rank), cmp.Compare(a.seq, b.seq), a.id.Compare(b.id))
	})
	best := all[0]
	if best.rank == static {
		// A blackhole among equal routes takes its share of the packets.
		n := slices.IndexFunc(all, func(c candidate) bool { return c.bits != best.bits || c.rank != best.rank })
		if n < 0 {
			n = len(all)
		}
		if n > 1 {
			best = all[w.fork(n)]
		}
	}
	if best.black {
		return hop{}, best.hop.why
	}
	return best.hop, ""
}

// direct are the networks that a router is connected to, and who is known there.
func (w *walk) direct(r *logical.Router, dst netip.Addr) []candidate {
	var all []candidate
	for rp := range w.snap.RouterPortsOf(r.ID) {
		link := w.snap.SwitchPortOf(rp)
		for _, n := range rp.Networks {
			if link == nil || !n.Contains(dst) {
				continue
			}
			h := hop{out: rp, next: dst, why: "connected " + n.Masked().String()}
			all = append(all, candidate{bits: n.Bits(), rank: connected, id: logical.UUID(rp.ID), hop: h})
			if p := w.snap.PortByAddress(link.Switch, dst); p != nil {
				all = append(all, candidate{bits: dst.BitLen(), rank: known, seq: p.Seq, id: logical.UUID(p.ID), hop: h})
			}
		}
	}
	return all
}

// statics are the static routes of a router that fit.
func (w *walk) statics(r *logical.Router, dst netip.Addr) []candidate {
	var all []candidate
	for t := range w.snap.RoutesOf(r.ID) {
		if !t.Prefix.Contains(dst) {
			continue
		}
		c := candidate{bits: t.Prefix.Bits(), rank: static, id: logical.UUID(t.ID), black: t.Blackhole}
		c.hop = hop{out: w.snap.RouterPort(t.OutPort), next: t.NextHop, why: fmt.Sprintf("route %s to %s", t.Name, t.Prefix)}
		switch {
		case t.Blackhole:
			c.hop.why = fmt.Sprintf("route %s drops %s", t.Name, t.Prefix)
		case c.hop.out == nil:
			continue
		}
		all = append(all, c)
	}
	return all
}
