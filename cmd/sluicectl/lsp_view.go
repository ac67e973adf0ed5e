package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// lspView is a switch port as show prints it. What does not apply is left out.
type lspView struct {
	Name      string           `json:"name"`
	Switch    string           `json:"switch"`
	Kind      logical.PortKind `json:"kind"`
	Key       logical.PortKey  `json:"key"`
	MAC       string           `json:"mac,omitempty"`
	MoreMACs  []logical.MAC    `json:"moreMACs,omitempty"`
	Addresses []netip.Addr     `json:"addresses"`
	Security  bool             `json:"security"`
	Groups    []string         `json:"groups,omitempty"`
	Host      string           `json:"host,omitempty"`
	Bridge    string           `json:"bridge,omitempty"`
	Network   string           `json:"network,omitempty"`
	Peer      string           `json:"peer,omitempty"`
	Trunk     string           `json:"trunk,omitempty"`
	Tag       uint16           `json:"tag,omitempty"`
	RateFrom  uint32           `json:"rateFrom,omitempty"` // kbit/s
	RateTo    uint32           `json:"rateTo,omitempty"`   // kbit/s
	Burst     uint32           `json:"burst,omitempty"`    // kbit
	Sampling  uint32           `json:"sampling,omitempty"`
}

func viewPort(n *logical.Snapshot, p *logical.SwitchPort) lspView {
	v := lspView{
		Name: p.Name, Kind: p.Kind, Key: p.Key, MoreMACs: p.MoreMACs, Addresses: listed(p.Addresses), Security: p.Security,
		Host: p.Host, Bridge: p.Bridge, Network: p.Network, Peer: p.Peer, Tag: p.Tag,
		RateFrom: p.Rate.FromPort, RateTo: p.Rate.ToPort, Burst: p.Rate.Burst, Sampling: p.Sampling,
	}
	if s := n.Switch(p.Switch); s != nil {
		v.Switch = s.Name
	}
	if !p.MAC.IsZero() {
		v.MAC = p.MAC.String()
	}
	if b := n.Bound(p.ID); b != nil {
		v.Host = b.Host
	}
	if t := n.Port(p.Trunk); t != nil {
		v.Trunk = t.Name
	}
	for _, id := range p.Groups {
		if g := n.SecurityGroup(id); g != nil {
			v.Groups = append(v.Groups, g.Name)
		}
	}
	slices.Sort(v.Groups)
	return v
}

// guarded is whether the port's own addresses only may send; "-" where none are.
func (v lspView) guarded() string {
	switch v.Kind {
	case logical.PortGuest:
		if v.Security {
			return string(on)
		}
		return string(off)
	case logical.PortRouter, logical.PortOutside, logical.PortLocalnet, logical.PortUnknown:
	}
	return "-"
}

// leads is what is behind a port that is no guest's.
func (v lspView) leads() string {
	switch {
	case v.Peer != "":
		return v.Peer
	case v.Bridge != "":
		return "bridge " + v.Bridge
	case v.Kind == logical.PortLocalnet && v.Network != "":
		return "network " + v.Network
	case v.Trunk != "":
		return v.Trunk + " tag " + strconv.Itoa(int(v.Tag))
	}
	return ""
}

func (a *app) showSwitchPort(v lspView) error {
	return a.table(v, "FIELD\tVALUE", func(row func(...any)) {
		row("name", v.Name)
		row("switch", v.Switch)
		row("kind", v.Kind)
		row("key", v.Key)
		row("MAC", orDash(v.MAC))
		if len(v.MoreMACs) > 0 {
			row("more MACs", joined(v.MoreMACs))
		}
		row("addresses", joined(v.Addresses))
		row("security", v.guarded())
		for _, g := range v.Groups {
			row("group", g)
		}
		row("host", orDash(v.Host))
		row("leads to", orDash(v.leads()))
		if v.Sampling > 0 {
			row("sampling", fmt.Sprintf("1 in %d", v.Sampling))
		}
		if v.RateFrom+v.RateTo > 0 {
			row("rate, kbit/s", rateText(v.RateFrom)+" from it, "+rateText(v.RateTo)+" to it")
		}
	})
}

func rateText(kbits uint32) string {
	if kbits == 0 {
		return "any"
	}
	return strconv.FormatUint(uint64(kbits), 10)
}
