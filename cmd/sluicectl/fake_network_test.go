package main

import (
	"context"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
)

// bridge is an integration bridge in which not all is as it should be.
func bridge() []api.Flow {
	vm1 := api.FlowOwner{Kind: "switch port", Name: "vm1", Row: "6f2c1a52-0d1e-4c59-b8e2-a1c7f90d2441"}
	web := api.FlowOwner{Kind: "switch", Name: "web", Row: "1b7c6a31-55d0-4a0f-a3d4-000000000001"}
	link := api.FlowOwner{Kind: "router port", Name: "central_to_web", Row: "1b7c6a31-55d0-4a0f-a3d4-000000000002"}
	l2 := func(f api.Flow) api.Flow { f.Table, f.Name = 16, "L2"; return f }
	return []api.Flow{
		{Table: 0, Name: "PHY_IN", Priority: 0, Actions: "drop", Cookie: "0x0", State: api.FlowLaid, Packets: 3, Bytes: 180, Owners: []api.FlowOwner{{Kind: "constant"}}},
		{Table: 0, Name: "PHY_IN", Priority: 100, Match: "in_port=1,vlan_tci=0x0000/0x1fff", Actions: "set_field:0x1->metadata,goto_table:4", Cookie: "0x38e2a1c7f90d2441", State: api.FlowLaid, Packets: 12, Bytes: 1080, Owners: []api.FlowOwner{vm1}},
		l2(api.Flow{Priority: 100, Match: "metadata=0x1,dl_dst=f2:01:0a:01:00:01", Actions: "goto_table:20", Cookie: "0x23d4000000000001", State: api.FlowLaid, Owners: []api.FlowOwner{web, link}}),
		l2(api.Flow{Priority: 100, Match: "metadata=0x1,dl_dst=f2:01:0a:01:00:0b", Actions: "drop", Cookie: "0x38e2a1c7f90d2441", State: api.FlowAltered, Wanted: "set_field:0x1->reg8,goto_table:48", Owners: []api.FlowOwner{vm1}}),
		l2(api.Flow{Priority: 200, Actions: "NORMAL", Cookie: "0x0", State: api.FlowForeign, Packets: 7, Bytes: 700}),
		l2(api.Flow{Priority: 90, Match: "metadata=0x9", Actions: "drop", Cookie: "0x2aaa00000000000f", State: api.FlowForeign, Owners: []api.FlowOwner{{Kind: "switch", Row: "…aaa00000000000f", Gone: true}}}),
		l2(api.Flow{Priority: 50, Match: "metadata=0x1", Actions: "goto_table:18", Cookie: "0x23d4000000000001", State: api.FlowMissing, Owners: []api.FlowOwner{web}}),
	}
}

// AcceptStore has an empty store wait.
func (f *fake) AcceptStore(_ context.Context, r api.AcceptStoreRequest) (api.AcceptStoreResult, error) {
	return api.AcceptStoreResult{Waited: true, Laid: "5b1f0a2e-6c1d-4d0e-9a55-0d6f6e6f1f00, generation 41", Store: "empty"}, nil
}

func (f *fake) Flows(ctx context.Context, r api.FlowsRequest, each func(api.Flow) error) (api.FlowsEnd, error) {
	end := api.FlowsEnd{Bridge: "br-int", Bare: f.bare}
	if f.bare {
		end.Network = f.status.Network.Bare
	}
	if err := f.note(ctx, "flows "+asked(r)); err != nil {
		return end, err
	}
	for _, flow := range f.flows {
		end.Flows++
		if err := each(flow); err != nil {
			return end, err
		}
	}
	return end, nil
}

func (f *fake) ExplainFlow(ctx context.Context, cookie string) (api.FlowExplanation, error) {
	x := api.FlowExplanation{Cookie: cookie}
	for _, flow := range f.flows {
		if flow.Cookie == cookie {
			x.Flows = append(x.Flows, flow)
		}
	}
	if len(x.Flows) > 0 && len(x.Flows[0].Owners) > 0 {
		x.Owner = &x.Flows[0].Owners[0]
		x.Problems = []string{"port vm1: tag 7 is not carried: no trunk is here"}
		x.Groups = []string{"group_id=7,type=select\n  bucket=bucket_id:1,weight:100,actions=set_field:0x2->reg8,resubmit(,48)"}
	}
	return x, f.note(ctx, "cookie "+cookie)
}

// sound is a bridge on which all is as computed.
func sound(f *fake) { f.flows = f.flows[:3] }

// empty is a bridge without flows.
func empty(f *fake) { f.flows = nil }

func (f *fake) Tunnels(ctx context.Context) ([]api.Tunnel, error) {
	return f.tunnels, f.note(ctx, "tunnels")
}

func (f *fake) Tunnel(ctx context.Context, peer string) (api.Tunnel, error) {
	if err := f.note(ctx, "tunnel "+peer); err != nil {
		return api.Tunnel{}, err
	}
	for _, t := range f.tunnels {
		if t.Host == peer {
			return t, nil
		}
	}
	return api.Tunnel{}, api.NotFound("host %s is not in the store: no sluiced there told of itself", peer).WithFix("does sluiced run there?")
}

// peers are a host that is reachesAll, one behind a gateway that BFD says is down, and
// one that is not reached.
func peers() []api.Tunnel {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return []api.Tunnel{
		{
			Host: "edge1", Address: "172.17.0.1", Port: "sluice-edge1", BFD: "down", Device: "br-phy", Gateway: "172.16.0.254", Source: "172.16.0.1", Neighbour: "aa:55:aa:55:00:fe",
			MTU: 9000, Packets: ref(uint64(12)), Bytes: ref(uint64(1200)), LastSeen: noon.Add(-4 * time.Second), Generation: 7,
			Reasons: []api.Reason{
				{What: "BFD on port sluice-edge1 is down (Control Detection Time Expired); the last word of the other end is up (No Diagnostic)", Fix: "does the tunnel pass both ways (UDP 6081)?"},
				{What: "12 packets were sent to host edge1 and none came from it", Fix: "is UDP 6081 let through?"},
			},
		},
		{
			Host: "nfv-02", Address: "172.16.0.2", Port: "sluice-geneve", Device: "br-phy", Source: "172.16.0.1", Neighbour: "aa:55:aa:55:00:02",
			MTU: 9000, Packets: ref(uint64(123456)), Bytes: ref(uint64(98765432)), LastSeen: noon.Add(-2 * time.Second), Generation: 7,
		},
		{
			Host: "nfv-03", Address: "10.9.0.3", Port: "sluice-geneve", Generation: 0,
			Reasons: []api.Reason{{What: "Open vSwitch has no route to 10.9.0.3: what is sent there is dropped", Fix: "ovs-appctl ovs/route/show lists what it has"}},
			Unknown: []string{"BFD: bfd/show: line 1: \"?\": unknown format"},
		},
	}
}

func (f *fake) Trace(ctx context.Context, r api.TraceRequest) (api.Trace, error) {
	return api.Trace{
		Bridge: "br-int", Packet: "in_port=2,udp,…",
		Lines: []api.TraceLine{
			{Text: "Flow: udp,in_port=2,nw_dst=10.2.0.11"},
			{},
			{Text: `bridge("br-int")`},
			{Text: "----------------"},
			{Text: " 0. in_port=2, priority 100, cookie 0x38e2a1c7f90d2441", Table: "PHY_IN", Owner: "switch port vm1"},
			{Text: "    goto_table:4"},
			{Text: " 4. No match.", Table: "PORT_SEC"},
			{Text: "    drop"},
		},
		Result: []string{"dropped"},
	}, f.note(ctx, "trace "+asked(r))
}

// reachesAll is a host that reaches all others.
func reachesAll(f *fake) { f.tunnels = f.tunnels[1:2] }
