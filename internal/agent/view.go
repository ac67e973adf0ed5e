package agent

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/vhost"
)

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
	if vhost.Is(r) {
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
