package main

import (
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// poolView is a pool as show prints it.
type poolView struct {
	Switch  string       `json:"switch"`
	Name    string       `json:"name"`
	Prefix  netip.Prefix `json:"prefix"`
	Gateway string       `json:"gateway,omitempty"`
	Exclude []string     `json:"exclude"`
	Taken   []takenView  `json:"taken"`          // ascending by address
	Next    string       `json:"next,omitempty"` // what is given out next; absent = none is free
}

// takenView is an address and who has it.
type takenView struct {
	Address netip.Addr `json:"address"`
	Owner   string     `json:"owner"` // a port's name, or of a workload that is no port
}

func viewPool(n *logical.Snapshot, p *logical.Pool, held []logical.PoolAddress) poolView {
	v := poolView{Name: p.Name, Prefix: p.Prefix, Exclude: []string{}, Taken: []takenView{}}
	if s := n.Switch(p.Switch); s != nil {
		v.Switch = s.Name
	}
	if p.Gateway.IsValid() {
		v.Gateway = p.Gateway.String()
	}
	for _, r := range p.Exclude {
		text := r.First.String()
		if r.First != r.Last {
			text += "-" + r.Last.String()
		}
		v.Exclude = append(v.Exclude, text)
	}
	taken := map[netip.Addr]bool{}
	take := func(a netip.Addr, owner string) {
		if p.Prefix.Contains(a) {
			taken[a] = true
			v.Taken = append(v.Taken, takenView{a, owner})
		}
	}
	for port := range n.PortsOf(p.Switch) {
		for _, addr := range port.Addresses {
			take(addr, port.Name)
		}
	}
	for _, h := range held {
		if h.Pool == p.ID {
			take(h.Address, h.Owner)
		}
	}
	slices.SortFunc(v.Taken, func(x, y takenView) int { return x.Address.Compare(y.Address) })
	if next, ok := store.FreeAddress(p, taken); ok {
		v.Next = next.String()
	}
	return v
}
