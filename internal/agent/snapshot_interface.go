package agent

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/vhost"
)

// interfaces reads what the database tells: of the switch, its bridges and its
// interfaces.
func (s *reading) interfaces(ctx context.Context) (func(), error) {
	db, err := s.a.db.get()
	if err != nil {
		return nil, err
	}
	seen, err := s.a.glance(ctx, db)
	if err != nil {
		return nil, err
	}
	readings, err := db.Readings(ctx)
	if err != nil {
		return nil, err
	}
	profile, _, _ := s.a.profile.get()
	expected := queuePairs(profile)
	release := s.a.askRelease(ctx)
	return func() {
		s.sight, s.observed = seen, *seen.observed
		o := &s.observed
		o.OVSVersion = cmp.Or(release, o.OVSVersion)
		s.snap.Switch = &monitor.SwitchSample{
			OVSVersion: o.OVSVersion, DPDKVersion: o.DPDKVersion, SchemaVersion: o.Schema.Version,
			DPDKInitialized: &o.DPDKInitialized,
		}
		s.snap.Internals.StatsInterval = seen.statsInterval
		s.snap.Bridges = slices.Clone(seen.bridges)
		s.snap.Interfaces = s.counted(seen.interfaces, readings, expected)
		s.a.drops.keep(s.snap)
	}, nil
}

// counted are the interfaces with what changes without a change of their rows.
func (s *reading) counted(seen []monitor.InterfaceSample, readings map[string]ovsdb.Reading, expected map[string]int) []monitor.InterfaceSample {
	all, guests := slices.Clone(seen), make([]monitor.VhostSample, len(seen))
	for i := range all {
		is := readings[all[i].Interface]
		all[i].Statistics, all[i].LinkResets, all[i].BFD = is.Statistics, is.LinkResets, bfdSample(is.BFD)
		if all[i].Vhost == nil {
			continue
		}
		v := &guests[i]
		*v = *all[i].Vhost
		v.LastChange, v.Reconnects = s.a.vhosts.of(all[i].Interface)
		if pairs := expected[all[i].Interface]; pairs > 0 {
			rings := 2 * pairs
			v.Expected = &rings
		}
		all[i].Vhost = v
	}
	return all
}

func bridgeSamples(o vswitch.Observed) []monitor.BridgeSample {
	ports := map[vswitch.ID]int{}
	for _, r := range o.Rows {
		if r.Table == vswitch.PortTable {
			ports[r.Parent]++
		}
	}
	var bridges []monitor.BridgeSample
	for _, r := range o.Rows {
		if r.Table == vswitch.BridgeTable {
			bridges = append(bridges, monitor.BridgeSample{
				Name: r.Name, DatapathType: r.Settings["datapath_type"], FailMode: r.Settings["fail_mode"], Ports: ports[r.ID],
			})
		}
	}
	return bridges
}

// interfaceSample is what the row of an interface tells, but where it is.
func interfaceSample(r vswitch.ObservedRow) monitor.InterfaceSample {
	failed := r.Status.Error != ""
	i := monitor.InterfaceSample{
		Interface: r.Name, Type: r.Settings["type"],
		AdminUp: up(r.Status.AdminState), LinkUp: up(r.Status.LinkState),
		LinkSpeed: r.Status.LinkSpeed, MTU: r.Status.MTU, Driver: r.Status.Status["driver_name"],
		Failed: &failed, PolicingRate: integer(r.Settings["ingress_policing_rate"]), PolicingBurst: integer(r.Settings["ingress_policing_burst"]),
		Tunnel: tunnelSample(r), Identity: monitor.IdentityOf(externalIDs(r)),
	}
	if vhost.Is(r) {
		guest(&i, r)
	}
	return i
}

func externalIDs(r vswitch.ObservedRow) map[string]string {
	ids := map[string]string{}
	for name, value := range r.Settings {
		if key, ok := strings.CutPrefix(name, "external_ids:"); ok {
			ids[key] = value
		}
	}
	return ids
}

// integer reads a number of the database; nil = none.
func integer(text string) *int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// bfdSample takes bfd_status apart (vswitchd/vswitch.xml, "BFD Status"; nil = BFD does not run).
func bfdSample(status map[string]string) *monitor.BFDSample {
	if len(status) == 0 {
		return nil
	}
	b := &monitor.BFDSample{State: status["state"], RemoteState: status["remote_state"], Diagnostic: status["diagnostic"]}
	if f := status["forwarding"]; f != "" {
		forwarding := f == "true"
		b.Forwarding = &forwarding
	}
	if n, err := strconv.ParseUint(status["flap_count"], 10, 64); err == nil {
		b.Flaps = &n
	}
	return b
}

// tunnelSample tells of a tunnel port; nil = it is none. Tunnels are the types with
// an end (vswitchd/vswitch.xml, "Tunnel Options").
func tunnelSample(r vswitch.ObservedRow) *monitor.TunnelSample {
	remote, is := r.Settings["options:remote_ip"]
	if !is {
		return nil
	}
	return &monitor.TunnelSample{
		Local: r.Settings["options:local_ip"], Remote: remote, Key: r.Settings["options:key"],
		Egress: r.Status.Status["tunnel_egress_iface"], EgressUp: up(r.Status.Status["tunnel_egress_iface_carrier"]),
	}
}

// guest adds what the row tells of the guest of a vhost port.
func guest(i *monitor.InterfaceSample, r vswitch.ObservedRow) {
	if status, ok := r.Status.Status["status"]; ok {
		is := status == "connected"
		i.Connected = &is
	}
	status := vhost.ParseStatus(*r.Status)
	v := &monitor.VhostSample{Mode: r.Status.Status["mode"]}
	if status.State == vhost.StateConnected {
		v.Socket, v.Sizes = status.Socket, status.RingSizes
		v.VRings, v.Node = known(status.VRings), known(status.Node)
		if _, told := r.Status.Status["features"]; told {
			v.Features, v.FeatureList = &status.Features, vhost.FeatureNames(status.Features)
		}
	}
	i.Vhost = v
}

// known is a number that is not negative, or nil.
func known(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

// remoteQueues counts of each guest the queues that PMDs of other nodes poll.
func (s *reading) remoteQueues() {
	nodes := map[string][]int{} // of the PMDs that poll an interface, one for each queue
	for _, p := range s.snap.PMDs {
		for _, q := range p.Queues {
			nodes[q.Interface] = append(nodes[q.Interface], p.NUMA)
		}
	}
	for i := range s.snap.Interfaces {
		v := s.snap.Interfaces[i].Vhost
		if v == nil || v.Node == nil {
			continue
		}
		remote := 0
		for _, node := range nodes[s.snap.Interfaces[i].Interface] {
			if node != *v.Node {
				remote++
			}
		}
		v.RemoteRxqs = &remote
	}
}
