package overlay

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/tunnel"
	"github.com/sluice-nfv/sluice/internal/api"
)

// Tunnels tells of the ways to all other hosts.
func (n *Network) Tunnels(ctx context.Context) ([]api.Tunnel, error) {
	v, err := n.tunnels(ctx)
	if err != nil {
		return nil, err
	}
	all := []api.Tunnel{}
	for h := range v.snapshot.Hosts() {
		if h.Name != v.host {
			all = append(all, v.tunnel(h))
		}
	}
	slices.SortFunc(all, func(a, b api.Tunnel) int { return strings.Compare(a.Host, b.Host) })
	return all, nil
}

// Tunnel tells of the way to one host.
func (n *Network) Tunnel(ctx context.Context, peer string) (api.Tunnel, error) {
	v, err := n.tunnels(ctx)
	if err != nil {
		return api.Tunnel{}, err
	}
	switch h := v.hostCalled(peer); {
	case h == nil:
		return api.Tunnel{}, api.NotFound("host %s is not in the store: no sluiced there told of itself", peer).
			WithFix("does sluiced run there, with an overlay section, and use this store? sluicectl ch list names those that told; sluicectl host status there says what keeps it")
	case h.Name == v.host:
		return api.Tunnel{}, api.Usage("%s is this host: there is no tunnel to itself", h.Name)
	default:
		return v.tunnel(h), nil
	}
}

// hostCalled finds a host by its name, system-id, tunnel address, or by the port to it
// alone, as alerts name it; nil = none.
func (v *tunnelView) hostCalled(name string) *logical.Host {
	if h := hostCalled(v.snapshot, name); h != nil {
		return h
	}
	for at, p := range v.ports {
		if p.Name == name {
			return v.snapshot.HostByAddress(at)
		}
	}
	return nil
}

// hostCalled finds a host by its name, system-id or tunnel address; nil = none.
func hostCalled(s *logical.Snapshot, name string) *logical.Host {
	if h := s.HostByName(name); h != nil {
		return h
	}
	if at, err := netip.ParseAddr(name); err == nil {
		if h := s.HostByAddress(at); h != nil {
			return h
		}
	}
	for h := range s.Hosts() {
		if h.SystemID == name {
			return h
		}
	}
	return nil
}

// tunnel judges the way to a host and tells what it is made of.
func (v *tunnelView) tunnel(h *logical.Host) api.Tunnel {
	f := v.factsOf(h)
	t := api.Tunnel{
		Host: h.Name, MTU: 0, Neighbour: f.Neighbour, LastSeen: v.said[h.Name].LastSeen, Generation: f.Peer.Generation,
		Reasons: []api.Reason{}, Unknown: slices.Clone(v.unknown),
	}
	if f.Peer.Address.IsValid() {
		t.Address = f.Peer.Address.String()
	}
	if f.Port.There {
		t.Port = f.Port.Name
	}
	if f.BFD != nil {
		t.BFD = f.BFD.State
	}
	if f.Route != nil {
		t.Device, t.MTU, t.Source = f.Route.Device, f.Route.MTU, v.source(f.Peer.Address)
		if f.Route.Gateway.IsValid() {
			t.Gateway = f.Route.Gateway.String()
		}
	}
	if f.Known.Counters {
		c := v.counts[h.ID]
		t.Packets, t.Bytes = &c.sent, &c.bytes
	}
	if err := v.wayTo(f.Peer.Address).err; err != nil {
		t.Unknown = append(t.Unknown, "the route: "+err.Error())
	}
	if f.NotAsked() && f.Known.Neighbours {
		t.Unknown = append(t.Unknown, "the next hop's MAC: no packet needed it lately")
	}
	for _, r := range tunnel.Explain(f) {
		t.Reasons = append(t.Reasons, api.Reason{What: r.What, Fix: r.Fix})
	}
	if f.Route != nil {
		t.Reasons = append(t.Reasons, v.losses(f.Route.Device)...)
	}
	return t
}

// factsOf are the facts of the way to a host.
func (v *tunnelView) factsOf(h *logical.Host) tunnel.Facts {
	f := v.common
	f.Peer = tunnel.Peer{Name: h.Name}
	for _, a := range h.Addresses {
		if a.Is4() == v.overlay.Address.Is4() {
			f.Peer.Address = a
			break
		}
	}
	if holder := v.snapshot.HostByAddress(f.Peer.Address); holder != nil && holder.Name != h.Name {
		f.Peer.Holder = holder.Name
	}
	if s, told := v.said[h.Name]; told {
		f.Peer.Told, f.Peer.Silence, f.Peer.Generation = true, v.now.Sub(s.LastSeen), s.Generation
	}
	if p, ok := v.ports[f.Peer.Address]; ok {
		f.Port = p
	}
	if s, ok := v.sessions[f.Port.Name]; ok {
		f.BFD = &s
	}
	f.Known.Routes = v.wayTo(f.Peer.Address).err == nil
	f.Route, f.Neighbour = v.routeTo(f.Peer.Address)
	c := v.counts[h.ID]
	f.Sent, f.Received, f.Idle = c.sent, c.received, time.Duration(c.idle)*time.Second
	f.Heard, f.Lately = time.Duration(c.heard)*time.Second, v.book.lately(h.ID, v.now, c)
	if f.Route != nil {
		f.NICs = v.nics(f.Route.Device)
	}
	return f
}
