package overlay

import (
	"context"
	"net/netip"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/tunnel"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// tunnelView is what is known of this host's tunnels at one moment.
type tunnelView struct {
	laying
	common     tunnel.Facts // what is the same for all peers
	now        time.Time
	observed   vswitch.Observed
	said       map[string]logical.HostStatus
	lookup     func(address string) (string, error) // ovs/route/lookup
	ways       map[netip.Addr]tunnelWay             // what it said
	neighbours []appctl.Neighbour
	sessions   map[string]tunnel.BFD      // by port
	ports      map[netip.Addr]tunnel.Port // those to one host each, by its address
	mtus       map[string]int             // of bridges
	counts     map[logical.ID[logical.Host]]count
	unknown    []string            // what could not be looked at
	uplinks    map[string][]Uplink // by bridge
	book       *wayBook
}

// count is what the tunnel's flows of a host counted.
type count struct {
	sent, bytes, received uint64
	idle                  uint32 // seconds since the last was sent
	heard                 uint32 // seconds since the last was received
}

// lookAtTunnels looks at all that tunnels are made of. What cannot be looked at is noted.
func (n *Network) lookAtTunnels(ctx context.Context) (*tunnelView, error) {
	l, err := n.laying()
	if err != nil {
		return nil, err
	}
	if l.snapshot == nil {
		return nil, api.Unavailable("the store has not been read yet: who the other hosts are is not known").WithFix("sluicectl host status says why")
	}
	v := &tunnelView{laying: l, now: n.clock.Now(), uplinks: n.daemon.Uplinks(ctx), book: &n.ways}
	if v.observed, err = n.daemon.Observe(ctx); err != nil {
		return nil, api.NoDatabase(err)
	}
	v.ofDatabase()
	v.heartbeats(ctx)
	v.lookup = func(address string) (string, error) { return n.daemon.Call(ctx, "ovs/route/lookup", address) }
	v.neighbours, err = appctl.Ask(ctx, n.daemon, appctl.ParseNeighbours, "tnl/neigh/show")
	v.known("neighbours", &v.common.Known.Neighbours, err)
	v.known("what is taken off the wire", &v.common.Known.Listeners, v.listeners(ctx))
	v.known("BFD", new(bool), v.bfd(ctx))
	v.known("the tunnels' flows", &v.common.Known.Counters, v.ofBridge(ctx))
	return v, nil
}

// known notes whether something could be looked at.
func (v *tunnelView) known(what string, is *bool, err error) {
	if *is = err == nil; err != nil {
		v.unknown = append(v.unknown, what+": "+err.Error())
	}
}

// ofDatabase takes what the database tells of ports and bridges.
func (v *tunnelView) ofDatabase() {
	self := v.snapshot.HostByName(v.host)
	want := flows.Option(v.overlay.OptionClass)
	v.common = tunnel.Facts{
		Laid: v.Status().Switch, Self: v.host, Registered: self != nil, Bridge: v.overlay.Integration,
		Address: v.overlay.Address, UDPPort: v.overlay.UDPPort, Port: tunnel.Port{Name: flows.TunnelName},
		Want:       tunnel.Option{Class: want.Class, Type: want.Type, Length: want.Length},
		Generation: v.snapshot.Generation(), Aged: v.now.Sub(v.since),
	}
	v.ports, v.mtus = map[netip.Addr]tunnel.Port{}, map[string]int{}
	for _, r := range v.observed.Rows {
		port, ok := v.observed.Row(r.Parent)
		if r.Table != vswitch.IfaceTable || !ok || r.Status == nil {
			continue
		}
		bridge, mtu := port.Parent.Name, 0
		if r.Status.MTU != nil {
			mtu = int(*r.Status.MTU)
		}
		if kind := r.Settings["type"]; kind != "patch" && mtu > 0 && (v.mtus[bridge] == 0 || mtu < v.mtus[bridge]) {
			v.mtus[bridge] = mtu
		}
		if bridge != v.overlay.Integration {
			continue
		}
		_, there := r.Status.Port()
		p := tunnel.Port{Name: r.Name, Error: r.Status.Error, There: there}
		to, err := netip.ParseAddr(r.Settings["options:remote_ip"])
		switch {
		case r.Name == flows.TunnelName:
			v.common.Port = p
		case r.Settings["type"] == "geneve" && err == nil:
			v.ports[to] = p
		case r.Settings[vswitch.IfaceID] != "":
			v.common.GuestMTU = max(v.common.GuestMTU, mtu)
		}
	}
}

// heartbeats asks the store what the hosts said of themselves.
func (v *tunnelView) heartbeats(ctx context.Context) {
	v.mu.Lock()
	client := v.client
	v.mu.Unlock()
	v.said = map[string]logical.HostStatus{}
	if client == nil {
		return
	}
	said, err := client.Statuses(ctx)
	v.known("who lives", &v.common.Known.Heartbeats, err)
	for _, s := range said {
		v.said[s.Host] = s
	}
}

func (v *tunnelView) listeners(ctx context.Context) error {
	all, err := appctl.Ask(ctx, v.daemon, appctl.ParseListeners, "tnl/ports/show", "-v")
	for _, l := range all {
		if l.Address == v.overlay.Address && l.UDP == v.overlay.UDPPort {
			v.common.Listens = true
		}
	}
	return err
}

func (v *tunnelView) bfd(ctx context.Context) error {
	all, err := appctl.Ask(ctx, v.daemon, appctl.ParseBFD, "bfd/show")
	v.sessions = map[string]tunnel.BFD{}
	for _, s := range all {
		v.sessions[s.Port] = tunnel.BFD{State: s.State, Diagnostic: s.Diagnostic, RemoteState: s.RemoteState, RemoteDiagnostic: s.RemoteDiagnostic}
	}
	return err
}

// ofBridge reads the tunnel option and what the flows of hosts counted.
func (v *tunnelView) ofBridge(ctx context.Context) error {
	session, err := v.dial(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	table, err := session.TLVTable(ctx)
	if err != nil {
		return err
	}
	v.common.Known.Option = true
	for _, m := range table.Maps {
		if m.Index == flows.Option(v.overlay.OptionClass).Index {
			v.common.Option = tunnel.Option{Class: m.Class, Type: m.Type, Length: m.Length}
		}
	}
	hosts := map[uint64]logical.ID[logical.Host]{}
	for h := range v.snapshot.Hosts() {
		hosts[flows.Cookie(h.Ref())] = h.ID
	}
	kind := flows.Cookie(logical.Ref{Kind: logical.KindHost})
	held, err := dumpOf(ctx, session, openflow.FlowRequest{Table: openflow.AllTables, Cookie: kind, CookieMask: 0xf << 60})
	v.counts = map[logical.ID[logical.Host]]count{}
	for _, e := range held {
		id, ok := hosts[e.Cookie]
		c := v.counts[id]
		switch {
		case !ok:
			continue
		case e.Table == uint8(flows.TableTunnel):
			c.sent, c.bytes, c.idle = c.sent+e.Packets, c.bytes+e.Bytes, e.IdleSeconds
		case e.Table == uint8(flows.TablePhyIn):
			if e.Packets > 0 && (c.received == 0 || e.IdleSeconds < c.heard) {
				c.heard = e.IdleSeconds
			}
			c.received += e.Packets
		}
		v.counts[id] = c
	}
	if err == nil {
		v.book.look(v.now, v.counts)
	}
	return err
}
