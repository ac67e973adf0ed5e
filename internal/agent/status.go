package agent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/build"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/plan"
	"github.com/sluice-nfv/sluice/monitor"
)

// Status tells the host as it is now.
func (b backend) Status(ctx context.Context) (api.Status, error) {
	a := b.a
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	work, s := a.turn.work.Load(), a.state.get() // in this order: who works on has not ended in s
	snap, err := a.Snapshot(ctx)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return api.Status{}, err
	}
	o, dbErr := a.observe(ctx)
	profile, loaded, profileErr := a.profile.get()
	view := view{observed: o, snap: snap, pairs: queuePairs(profile), drops: a.drops.look(snap)}
	_, guarded := errors.AsType[*plan.GuardError](s.err)
	status := api.Status{
		Host: a.opt.Hostname, Version: build.Version().Version, Metrics: a.opt.MetricsURL,
		OVS:     view.ovs(dbErr),
		Profile: api.ProfileStatus{Path: a.opt.Profile, Loaded: loaded, Error: errText(profileErr)},
		Pass: api.PassStatus{
			Time: s.at, Reason: s.reason, Result: api.PassResult(s.result), Error: errText(s.err),
			Duration: s.duration, Findings: plan.WireFindings(s.findings), Refused: s.refused,
		},
		Work:    work,
		Pending: plan.WirePending(s.pending, guarded),
		Bridges: view.bridges(), Ports: view.ports(), PMDs: view.pmds(), Lookups: view.lookups(),
	}
	if profile != nil {
		status.Host = profile.Name
		if a.network != nil && profile.Overlay != nil {
			status.Network = a.network.wire()
			status.Network.Problems = append(slices.Clone(status.Network.Problems), unwatched(status.Ports)...)
			status.Network.Problems = append(status.Network.Problems, a.networkView().misspelt(o)...)
		}
	}
	a.overDead(&status)
	passProblems(&status)
	status.Unknown = view.unknown(status.OVS.Error)
	return status, nil
}

// unknown tells what could not be read and why, each cause once; said is what is
// told of the switch anyway.
func (v view) unknown(said string) []string {
	var causes []string
	names := map[string][]string{}
	for _, c := range v.snap.Collectors {
		cause := errText(c.Error)
		// Without a userspace bridge there is nothing to read.
		if cause == "" || strings.Contains(cause, "existing datapath") {
			continue
		}
		if cause == said {
			cause = "see the switch"
		}
		if names[cause] == nil {
			causes = append(causes, cause)
		}
		names[cause] = append(names[cause], c.Name)
	}
	for i, cause := range causes {
		causes[i] = strings.Join(names[cause], ", ") + ": " + cause
	}
	return causes
}

func (a *Agent) observe(ctx context.Context) (vswitch.Observed, error) {
	db, err := a.db.get()
	if err != nil {
		return vswitch.Observed{}, err
	}
	return a.see(ctx, db)
}

// Ports lists all ports.
func (b backend) Ports(ctx context.Context) ([]api.Port, error) {
	s, err := b.Status(ctx)
	if err == nil && !s.OVS.Connected {
		_, err := b.a.db.get()
		return nil, unavailable(err)
	}
	if !s.OVS.Running {
		for i := range s.Ports {
			s.Ports[i].Stale = s.OVS.Error
		}
	}
	return s.Ports, err
}

// Port returns one port by name.
func (b backend) Port(ctx context.Context, name string) (api.Port, error) {
	ports, err := b.Ports(ctx)
	if err != nil {
		return api.Port{}, err
	}
	for _, p := range ports {
		if p.Name == name {
			return p, nil
		}
	}
	return api.Port{}, api.NotFound("no port %q", name)
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// view turns what was read into what the API tells.
type view struct {
	observed vswitch.Observed
	snap     monitor.Snapshot
	pairs    map[string]int // queue pairs that vhost guests are expected to negotiate
	drops    map[string][]api.Drop
}

// queuePairs are what a profile expects of its guests; a nil profile nothing.
func queuePairs(p *configs.Profile) map[string]int {
	pairs := map[string]int{}
	if p == nil || p.VHost == nil {
		return pairs
	}
	for _, port := range p.VHost.Ports {
		pairs[port.Name] = port.Queues
	}
	return pairs
}

func (v view) ovs(dbErr error) api.OVSStatus {
	s := api.OVSStatus{
		Connected: dbErr == nil, Version: v.observed.OVSVersion, DPDKVersion: v.observed.DPDKVersion,
		DPDKInitialized: v.observed.DPDKInitialized, Error: errText(dbErr), Running: true,
	}
	for _, c := range v.snap.Collectors {
		answered := new(unixctl.CommandError) // for instance that there is no such datapath
		if c.Name == "pmd-rxq" && c.Error != nil && !errors.As(c.Error, &answered) {
			s.Running = false
			if s.Error == "" {
				s.Error = c.Error.Error()
			}
			if dbErr == nil && errors.Is(c.Error, unixctl.ErrNotRunning) {
				s.Error = deadSwitch
			}
		}
	}
	return s
}

func (v view) bridges() []api.Bridge {
	bridges := []api.Bridge{}
	for _, r := range v.observed.Rows {
		if r.Table != vswitch.BridgeTable {
			continue
		}
		b := api.Bridge{Name: r.Name, Datapath: r.Settings["datapath_type"], FailMode: r.Settings["fail_mode"], Owner: r.Mark.Owner, Ports: []string{}}
		for _, p := range v.observed.Rows {
			if p.Table == vswitch.PortTable && p.Parent == r.ID && p.Name != r.Name {
				b.Ports = append(b.Ports, p.Name)
			}
		}
		bridges = append(bridges, b)
	}
	return bridges
}

func (v view) ports() []api.Port {
	ports := []api.Port{}
	counters := map[string]map[string]int64{}
	watched := map[string]string{}
	for _, i := range v.snap.Interfaces {
		counters[i.Interface] = i.Statistics
		if i.BFD != nil {
			watched[i.Interface] = i.BFD.State
		}
	}
	polled := v.polled()
	for _, r := range v.observed.Rows {
		if r.Table != vswitch.IfaceTable || r.Status == nil {
			continue
		}
		p := v.port(r)
		p.Counters, p.PolledBy, p.Drops = counters[r.Name], polled[r.Name], v.drops[r.Name]
		p.BFD = watched[r.Name]
		ports = append(ports, p)
	}
	return ports
}

func (v view) port(r vswitch.ObservedRow) api.Port {
	port, _ := v.observed.Row(r.Parent)
	p := api.Port{
		Name: r.Name, Bridge: port.Parent.Name, Type: r.Settings["type"], Owner: r.Mark.Owner,
		Link: r.Status.LinkState, Error: r.Status.Error, MTU: r.Status.MTU, Speed: r.Status.LinkSpeed,
		OFPort: r.Status.OFPort, Socket: r.Settings["options:vhost-server-path"],
	}
	if port.Name != r.Name {
		p.Bond = port.Name
	}
	p.QueuesExpected, _ = strconv.Atoi(r.Settings["options:n_rxq"])
	if isVhost(r) {
		connected := r.Status.Status["status"] == "connected"
		p.Connected = &connected
		p.NUMA = number(r.Status.Status["numa"])
		if vrings := number(r.Status.Status["num_of_vrings"]); vrings != nil {
			pairs := *vrings / 2
			p.QueuesNegotiated = &pairs
		}
		p.QueuesExpected = v.pairs[r.Name]
	} else {
		p.NUMA = number(r.Status.Status["numa_id"])
		p.QueuesNegotiated = number(r.Status.Status["n_rxq"]) // since OVS 3.3
	}
	return p
}

func number(text string) *int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	return &n
}

// polled tells for each port which core polls which queue.
func (v view) polled() map[string][]string {
	out := map[string][]string{}
	for _, p := range v.snap.PMDs {
		for _, q := range p.Queues {
			out[q.Interface] = append(out[q.Interface], fmt.Sprintf("queue %d: core %d", q.Queue, p.Core))
		}
	}
	for _, words := range out {
		slices.Sort(words)
	}
	return out
}

func (v view) pmds() []api.PMD {
	pmds := []api.PMD{}
	for _, p := range v.snap.PMDs {
		if p.Main {
			continue
		}
		out := api.PMD{Core: p.Core, NUMA: p.NUMA, Busy: p.BusyRatio, Overhead: percent(p.Overhead), Queues: []api.PMDQueue{}}
		out.Isolated = p.Isolated != nil && *p.Isolated
		for _, q := range p.Queues {
			out.Queues = append(out.Queues, api.PMDQueue{Port: q.Interface, Queue: q.Queue, Enabled: q.Enabled, Usage: percent(q.Usage)})
		}
		pmds = append(pmds, out)
	}
	return pmds
}

func percent(ratio *float64) *int {
	if ratio == nil {
		return nil
	}
	n := int(math.Round(*ratio * 100))
	return &n
}

// lookups sums the tiers over all threads; nil where no thread told.
func (v view) lookups() *api.Lookups {
	var sum api.Lookups
	some := false
	for _, p := range v.snap.PMDs {
		if p.Lookups == nil {
			continue
		}
		some = true
		sum.Packets += value(p.RxPackets)
		sum.Passes += value(p.Passes)
		sum.Simple += p.Lookups.SimpleMatch
		sum.EMC += p.Lookups.EMC
		sum.SMC += p.Lookups.SMC
		sum.Megaflow += p.Lookups.Megaflow
		sum.Upcalls += p.Lookups.Upcall
		sum.Lost += p.Lookups.Lost
	}
	if !some {
		return nil
	}
	return &sum
}
