package openflow

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// NAT is address translation inside CT. The zero value translates as the
// connection was when it was committed. It has to be in a CT with the matching
// Commit, where it has a range.
type NAT struct {
	// Src and Dst say which end a new connection's range is for; not both.
	Src, Dst bool
	// First and Last are the range of addresses. The zero Last means First
	// alone, the zero First means the address stays.
	First, Last netip.Addr
	// FirstPort and LastPort are the range of ports; 0 as with addresses.
	FirstPort, LastPort uint16
	// Persistent keeps a client's address over its connections; Hash and Random
	// choose ports so; not both.
	Persistent, Hash, Random bool
}

func (a NAT) appendTo(b []byte) []byte {
	start := len(b)
	var flags, ranges uint16
	for i, set := range []bool{a.Src, a.Dst, a.Persistent, a.Hash, a.Random} {
		if set {
			flags |= 1 << i
		}
	}
	b = u16(append(nicira(b, nxNAT), 0, 0), flags)
	at := len(b)
	b = u16(b, 0)
	addr := func(a netip.Addr, v4, v6 uint16) {
		if a.Is4() {
			ranges |= v4
		} else if a.IsValid() {
			ranges |= v6
		}
		b = append(b, a.AsSlice()...)
	}
	addr(a.First, 1, 4)
	addr(a.Last, 2, 8)
	if a.FirstPort != 0 {
		ranges |= 16
		b = u16(b, a.FirstPort)
	}
	if a.LastPort != 0 {
		ranges |= 32
		b = u16(b, a.LastPort)
	}
	binary.BigEndian.PutUint16(b[at:], ranges)
	return finish(b, start)
}

// decodeNAT reads a whole entry.
func decodeNAT(b []byte) (n NAT, ok bool) {
	if len(b) < 16 || binary.BigEndian.Uint16(b) != typeExperimenter || binary.BigEndian.Uint16(b[8:]) != nxNAT {
		return n, false
	}
	flags, ranges := binary.BigEndian.Uint16(b[12:]), binary.BigEndian.Uint16(b[14:])
	for i, to := range []*bool{&n.Src, &n.Dst, &n.Persistent, &n.Hash, &n.Random} {
		*to = flags>>i&1 != 0
	}
	rest := b[16:]
	take := func(bit uint16, size int) []byte {
		if ranges&bit == 0 || len(rest) < size {
			return nil
		}
		v := rest[:size]
		rest = rest[size:]
		return v
	}
	for _, r := range []struct {
		bit  uint16
		size int
		to   *netip.Addr
	}{{1, 4, &n.First}, {2, 4, &n.Last}, {4, 16, &n.First}, {8, 16, &n.Last}} {
		if v := take(r.bit, r.size); v != nil {
			*r.to, _ = netip.AddrFromSlice(v)
		}
	}
	if v := take(16, 2); v != nil {
		n.FirstPort = binary.BigEndian.Uint16(v)
	}
	if v := take(32, 2); v != nil {
		n.LastPort = binary.BigEndian.Uint16(v)
	}
	return n, bytes.Equal(n.appendTo(nil), b)
}

func (a NAT) text() string {
	if !a.Src && !a.Dst {
		return "nat"
	}
	var p printer
	p.f("dst")
	if a.Src {
		p.Reset()
		p.f("src")
	}
	if a.First.IsValid() || a.FirstPort != 0 {
		p.f("=%s", a.rangeText())
	}
	p.f(",")
	if a.Persistent {
		p.f("persistent,")
	}
	if a.Hash {
		p.f("hash,")
	}
	if a.Random {
		p.f("random,")
	}
	return "nat(" + chomp(p.String()) + ")"
}

func (a NAT) rangeText() string {
	end := func(x netip.Addr) string {
		if x.Is6() && a.FirstPort != 0 {
			return "[" + x.String() + "]"
		}
		return x.String()
	}
	var p printer
	if a.First.IsValid() {
		p.f("%s", end(a.First))
		if a.Last.IsValid() && a.Last != a.First {
			p.f("-%s", end(a.Last))
		}
	}
	if a.FirstPort != 0 {
		p.f(":%d", a.FirstPort)
		if a.LastPort != 0 && a.LastPort != a.FirstPort {
			p.f("-%d", a.LastPort)
		}
	}
	return p.String()
}
