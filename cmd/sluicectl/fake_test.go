package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
)

// fake is a daemon with one host that stands still. Calls are noted with what
// they asked for; err is what every call fails with where it is set.
type fake struct {
	mu      sync.Mutex
	calls   []string
	err     error
	block   bool // answer nothing until the caller gives up
	status  api.Status
	plan    api.Plan
	result  api.Result
	flows   []api.Flow
	tunnels []api.Tunnel
	talkers api.Talkers
	bare    bool
}

func (f *fake) note(ctx context.Context, call string) error {
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	if f.block {
		<-ctx.Done()
		return ctx.Err()
	}
	return f.err
}

func (f *fake) Version(ctx context.Context) (api.Version, error) {
	return api.Version{Version: "v1.2.0", Revision: "0123456789abcdef0123", Go: "go1.26.0"}, f.note(ctx, "version")
}

func (f *fake) Status(ctx context.Context) (api.Status, error) {
	return f.status, f.note(ctx, "status")
}

func (f *fake) Facts(ctx context.Context) (json.RawMessage, error) {
	return json.RawMessage(`{"host":{"hostname":"nfv-01"},"ovs":{"version":"3.1.0"}}`), f.note(ctx, "facts")
}

func (f *fake) Plan(ctx context.Context, r api.PlanRequest) (api.Plan, error) {
	return f.plan, f.note(ctx, "plan "+asked(r))
}

func (f *fake) Apply(ctx context.Context, r api.ApplyRequest, progress func(string)) (api.Result, error) {
	if err := f.note(ctx, "apply "+asked(r)); err != nil {
		return api.Result{}, err
	}
	progress("step 1 of 1: 2 changes")
	progress("waiting until Open vSwitch has taken them over")
	return f.result, nil
}

func (f *fake) Adopt(ctx context.Context, r api.AdoptRequest) (api.AdoptResult, error) {
	out := api.AdoptResult{
		Profile: "apiVersion: sluice/v1\nkind: HostProfile\nname: nfv-01\n",
		Claimed: []api.Change{{Text: "claim Bridge br0", Op: api.OpClaim, Class: api.ClassLive}},
		Left:    []string{"Mirror m0: mirrors are not part of a profile"},
	}
	if !r.DryRun {
		out.Installed = "/etc/sluice/host.yaml"
	}
	return out, f.note(ctx, "adopt "+asked(r))
}

func (f *fake) Release(ctx context.Context, r api.ReleaseRequest) (api.ReleaseResult, error) {
	return api.ReleaseResult{Changes: []api.Change{
		{Text: "disown Bridge br-int", Op: api.OpDisown, Class: api.ClassLive},
		{Text: "set Open_vSwitch . other_config:pmd-cpu-mask=0x2 (was 0x6) as before the take-over", Op: api.OpUnset, Class: api.ClassPMDRecreation},
	}}, f.note(ctx, "release "+asked(r))
}

func (f *fake) Ports(ctx context.Context) ([]api.Port, error) {
	return f.status.Ports, f.note(ctx, "ports")
}

func (f *fake) Port(ctx context.Context, name string) (api.Port, error) {
	if err := f.note(ctx, "port "+name); err != nil {
		return api.Port{}, err
	}
	for _, p := range f.status.Ports {
		if p.Name == name {
			return p, nil
		}
	}
	return api.Port{}, api.NotFound("no port %q", name)
}

func (f *fake) Explain(ctx context.Context, name string) (api.Explanation, error) {
	p, err := f.Port(ctx, name)
	if name == "dpdk0" {
		return api.Explanation{Port: p, Reasons: []api.Reason{{
			What: "port dpdk0 drops 0.1 packets/s that come from it: rx qos, 3 in the last 30 s, 4 since its counters began: The ingress policer of the port dropped it.",
			Fix:  "Raise the limit if the tenant may have more. docs/drops.md#rx-qos",
		}}, Notes: []api.Reason{{What: "port dpdk0 dropped packets: tx mtu_exceeded, 2 since its counters began, none in the last 30 s", Fix: "docs/drops.md#tx-mtu_exceeded"}}}, err
	}
	if err != nil || p.Connected == nil || *p.Connected {
		return api.Explanation{Port: p, Healthy: true, Reasons: []api.Reason{}}, err
	}
	return api.Explanation{Port: p, Reasons: []api.Reason{{
		What: "no guest is connected: " + p.Socket + " does not exist",
		Fix:  "start the guest with a vhost-user server at that path",
	}}}, nil
}

// asked is a request as the daemon sees it.
func asked(r any) string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func ref[T any](v T) *T { return &v }

// nfvHost is a host with a NIC, a connected guest, a guest that never came and a
// name that tries to fool a terminal.
func nfvHost() *fake {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return &fake{
		flows: bridge(), tunnels: peers(), talkers: loud(),
		plan: api.Plan{
			Host: "nfv-01", OVS: "3.1.0",
			Findings: []api.Finding{{
				Severity: api.SeverityWarning, Code: "pmd-not-isolated", Path: "cpu.pmd", Line: 9,
				What: "PMD core 2 is not in isolcpus", Cost: "packets wait while the scheduler runs other work there", Fix: "boot with isolcpus=2",
			}},
			Steps: []api.Step{{Number: 1, Changes: []api.Change{
				{Text: "create Port vm3-eth0 in Bridge br-int", Op: api.OpCreate, Table: "Port", Row: "vm3-eth0", Class: api.ClassLive, Automatic: true},
				{Text: "set Open_vSwitch . other_config:pmd-cpu-mask=0x6 (was 0x2)", Op: api.OpSet, Table: "Open_vSwitch", Row: ".", Class: api.ClassPMDRecreation, Waits: api.WordApply},
			}}},
		},
		result: api.Result{Made: 2, Duration: 1234 * time.Millisecond},
		status: api.Status{
			Time: noon, Host: "nfv-01", Version: "v1.2.0",
			OVS:     api.OVSStatus{Connected: true, Running: true, Version: "3.1.0", DPDKVersion: "DPDK 22.11.1", DPDKInitialized: true},
			Profile: api.ProfileStatus{Path: "/etc/sluice/host.yaml", Loaded: noon.Add(-time.Hour)},
			Pass:    api.PassStatus{Time: noon.Add(-time.Minute), Reason: "timer", Result: api.PassPending, Duration: 12 * time.Millisecond},
			Network: &api.NetworkStatus{Flows: 7812, Bundles: 3, Store: "the store is not reached: what is laid stays as it is"},
			Pending: []api.Change{
				{Text: "take over: set Bridge br-int fail_mode=secure (was standalone)", Op: api.OpSet, Class: api.ClassPortRestart, TakeOver: true, Waits: api.WordTakeOver},
				{Text: "set Open_vSwitch . other_config:pmd-cpu-mask=0x6 (was 0x2)", Op: api.OpSet, Class: api.ClassPMDRecreation, Waits: api.WordApply},
				{Text: "delete Bridge br-old", Op: api.OpDelete, Class: api.ClassLive, Refused: "it has ports of somebody else's: theirs0"},
				{Text: "set Interface dpdk0 mtu_request=9000 (was 1500)", Op: api.OpSet, Class: api.ClassPortRestart, Waits: api.WordApply},
			},
			Bridges: []api.Bridge{{Name: "br-int", Datapath: "netdev", FailMode: "secure", Ports: []string{"vm1-eth0", "vm2-eth0"}, Owner: "sluice"}},
			Ports: []api.Port{
				{
					Name: "dpdk0", Bridge: "br-phy", Type: "dpdk", Link: "up", MTU: ref(int64(9000)), QueuesExpected: 4, QueuesNegotiated: ref(4),
					PolledBy: []string{"queue 0: core 1", "queue 1: core 2"}, Counters: map[string]int64{"rx_packets": 1000, "tx_packets": 900, "rx_dropped": 7},
					Drops: []api.Drop{{Direction: "rx", Cause: "qos", Packets: 4, Recent: ref(uint64(3)), Seconds: 30}, {Direction: "tx", Cause: "mtu_exceeded", Packets: 2, Recent: ref(uint64(0)), Seconds: 30}},
				},
				{
					Name: "vm1-eth0", Bridge: "br-int", Type: "dpdkvhostuserclient", Link: "up", Connected: ref(true), MTU: ref(int64(1500)),
					QueuesExpected: 2, QueuesNegotiated: ref(1), Socket: "/var/lib/vhost_sockets/vm1-eth0/vm1-eth0.sock", PolledBy: []string{"queue 0: core 2"},
				},
				{
					Name: "vm2-eth0", Bridge: "br-int", Type: "dpdkvhostuserclient", Link: "down", Connected: ref(false), QueuesExpected: 2,
					Socket: "/var/lib/vhost_sockets/vm2-eth0/vm2-eth0.sock",
				},
				{Name: "x\x1b[2J\ty", Bridge: "br-int", Type: "tap", Error: "could not open network device\n(no such device)"},
			},
			PMDs: []api.PMD{
				{Core: 1, Busy: ref(0.25), Queues: []api.PMDQueue{{Port: "dpdk0", Queue: 0, Enabled: true, Usage: ref(25)}}},
				{Core: 2, Queues: []api.PMDQueue{{Port: "dpdk0", Queue: 1, Enabled: true}, {Port: "vm1-eth0", Queue: 0, Enabled: false}}},
			},
			Lookups: &api.Lookups{Packets: 1000, Passes: 1000, EMC: 900, Megaflow: 90, Upcalls: 10, Lost: 1},
			Metrics: "http://127.0.0.1:9467/metrics",
		},
	}
}

// ofAnOldDaemon is a status without what daemons did not tell at first.
func ofAnOldDaemon(f *fake) {
	for i := range f.status.Pending {
		f.status.Pending[i].Waits = ""
	}
}

// hung is a host whose switch does not answer a pass that writes.
func hung(f *fake) {
	const silent = "ovs-vswitchd (pid 4711) does not answer its control socket: version: no answer in time"
	f.status.OVS.Running, f.status.OVS.Error = false, silent
	f.status.Pass.Result, f.status.Pending = api.PassConverged, nil
	f.status.Work = &api.Work{Since: f.status.Time, What: "a pass (profile changed)", Step: "step 1 of 1: 2 changes"}
	f.status.Unknown = []string{"pmd-perf, pmd-rxq: see the switch"}
	for i := range f.status.Ports {
		f.status.Ports[i].Stale = silent
	}
}

// ended is a host whose switch died since a pass, without DPDK in it.
func ended(f *fake) {
	hung(f)
	f.status.OVS.Error = "ovs-vswitchd does not run: nothing passes any port, and what the database tells of ports is old"
	f.status.OVS.DPDKVersion, f.status.OVS.DPDKInitialized = "none", false
	f.status.Network.Switch = "bridge at /run/br-int.mgmt: dial unix /run/br-int.mgmt: connection refused"
	f.status.Work = nil
}

// warned is a host that is as its profile says, with two warnings about that.
func warned(f *fake) {
	f.status.Pass.Result, f.status.Pending = api.PassConverged, nil
	f.status.Pass.Findings = []api.Finding{
		{Severity: api.SeverityInfo, Code: "not-in-this-release", What: "rebalancing is checked but not carried out by this release"},
		{Severity: api.SeverityWarning, Code: "bridge-not-reached", What: "outside port out1 is to be reached by bridge br-missing, which is not there"},
		{Severity: api.SeverityWarning, Code: "pmd-not-isolated", What: "PMD core 2 is not in isolcpus"},
	}
}

// bare is a host that started while its store was away.
func bare(f *fake) {
	warned(f)
	f.status.Pass.Findings = nil
	f.status.Network = &api.NetworkStatus{
		Bare:  "NOTHING is laid on br-int: no guest of this host passes a packet until the store answers",
		Store: "the store is not reached, what is laid stays as it is: tcp:192.0.2.5:6645: connection refused",
	}
	f.flows = nil
	f.bare = true
}

// applying is a host on which somebody applies a profile.
func applying(f *fake) {
	f.status.Work = &api.Work{Since: f.status.Time, What: "host apply", Step: "step 2 of 2: 3 changes"}
}

// guarded is a host whose profile lost half of its lines.
func guarded(f *fake) {
	f.status.Pass.Result = api.PassRefused
	f.status.Pass.Error = "would delete 2 of 4 ports, 2 of them in use; the guard allows 1, and 1 in use: look at the profile, then `sluicectl host apply --force`"
	f.status.Pending = []api.Change{
		{Text: "delete Port vm1-eth0", Op: api.OpDelete, Class: api.ClassPortRestart, Waits: api.WordForce},
		{Text: "take over: delete Port vm2-eth0", Op: api.OpDelete, Class: api.ClassPortRestart, TakeOver: true, Waits: api.WordForceTakeOver},
		{Text: "create Port vm3-eth0 in Bridge br-int", Op: api.OpCreate, Class: api.ClassLive, Waits: api.WordForce},
	}
}
