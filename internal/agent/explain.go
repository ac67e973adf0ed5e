package agent

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// deadSwitch says what a switch that does not run means for its ports.
const deadSwitch = "ovs-vswitchd does not run: nothing passes any port, and what the database tells of ports is old"

// reasons says why an interface does not pass packets; none when nothing is
// wrong with it.
func (a *Agent) reasons(ctx context.Context, r vswitch.ObservedRow, o vswitch.Observed) []api.Reason {
	if err := a.running(); err != nil {
		return []api.Reason{{
			What: deadSwitch,
			Fix:  "systemctl start openvswitch-switch; its log says why it ended",
		}}
	}
	if err := a.answers(ctx, askPatience); err != nil {
		return []api.Reason{{What: err.Error() + ": what the database tells of ports may be old", Fix: hungFix}}
	}
	m := newMeanings(o.OVSVersion)
	heard := a.ask(ctx, question{options: ofDPDK(r.Settings), policers: policerOf(r, o)})
	if vhost.Is(r) {
		return append(a.vhostReasons(ctx, r, o, heard), newAdvisor(m, a.state.get()).shortReasons(r, o, heard)...)
	}
	reasons := []api.Reason{}
	for _, what := range interfaceRefusals(r) {
		reasons = append(reasons, api.Reason{What: what, Fix: fixFor(r, newAdvisor(m, a.state.get()).where(r))})
	}
	reasons = append(reasons, newAdvisor(m, a.state.get()).shortReasons(r, o, heard)...)
	for _, what := range heard.queueRefusals(r) {
		reasons = append(reasons, api.Reason{What: what, Fix: "`sluicectl host check` names the PMD cores; a queue of a node without PMD is polled from another node or not at all"})
	}
	if r.Status.Error == "" && r.Status.AdminState == "down" && !a.elsewhere(r) {
		reasons = append(reasons, api.Reason{What: fmt.Sprintf("port %s is administratively down", r.Name), Fix: adminFix(r)})
	}
	if r.Status.Error == "" && r.Status.AdminState != "down" && r.Status.LinkState == "down" {
		reasons = append(reasons, api.Reason{
			What: fmt.Sprintf("port %s has no link", r.Name),
			Fix:  "look at the cable and the other end; before OVS 3.4 a DPDK port's link is looked at every 5 s only",
		})
	}
	return reasons
}

// shortReasons tells what of the port is not as the database asks for it, whoever
// asked. vhost.Explain has its own words for a socket's path.
func (a advisor) shortReasons(r vswitch.ObservedRow, o vswitch.Observed, heard replies) []api.Reason {
	asked := maps.Clone(r.Settings)
	delete(asked, socketSetting)
	var reasons []api.Reason
	for _, s := range a.m.shortfalls(r, asked, heard) {
		if s.unasked {
			continue // no reason why packets do not pass
		}
		reasons = append(reasons, api.Reason{What: s.what, Fix: a.fix(s, r)})
	}
	for _, p := range heard.policers {
		if s, short := p.shortfall(); short {
			qos, _ := o.Row(vswitch.ID{Table: vswitch.QoSTable, Name: p.port})
			reasons = append(reasons, api.Reason{What: s.what, Fix: a.fix(s, qos)})
		}
	}
	return reasons
}

// elsewhere tells whether the device of an internal port is in another network
// namespace than the switch, as those of containers are: OVS calls it down then, and
// its packets pass all the same.
func (a *Agent) elsewhere(r vswitch.ObservedRow) bool {
	if r.Settings["type"] != "internal" {
		return false
	}
	pid, err := a.ctl.PID()
	if err != nil {
		return false
	}
	devices, err := a.opt.Host.Devices(pid)
	return err == nil && !devices[r.Name]
}

// awayNotes says what of such a port cannot be told.
func (a *Agent) awayNotes(r vswitch.ObservedRow) []api.Reason {
	if !a.elsewhere(r) {
		return nil
	}
	return []api.Reason{{
		What: fmt.Sprintf("there is no device %s in the network namespace of ovs-vswitchd: it was moved into another one, and OVS cannot see whether it is up", r.Name),
		Fix:  "look there: ip -n NAMESPACE link show " + r.Name,
	}}
}

func adminFix(r vswitch.ObservedRow) string {
	if r.Settings["type"] == "dpdk" {
		return "ovs-appctl netdev-dpdk/set-admin-state " + r.Name + " up"
	}
	return "ip link set " + r.Name + " up"
}

// fixFor is the remedy for what OVS refused of an interface; where says where the
// port is kept.
func fixFor(r vswitch.ObservedRow, where string) string {
	switch e := r.Status.Error; {
	case strings.Contains(e, "Address family not supported"):
		return "DPDK is not initialized: `sluicectl host status` and ovs-vswitchd's log (search for EAL) say why; mend it and restart ovs-vswitchd"
	case strings.Contains(e, "already in use"):
		return "another port holds the device: drop one of the two " + where
	case strings.Contains(e, "Error attaching device"):
		return "is the device bound to vfio-pci (`sluicectl host plan` would do it), spelt right, and its DPDK driver installed (librte-meta-net)?"
	case strings.Contains(e, "Invalid argument"):
		return "mostly an MTU, queue or descriptor number the device refuses, or no memory for its mempool: see ovs-vswitchd's log, then change the port " + where
	}
	return "see ovs-vswitchd's log at the time the port was added"
}

func (a *Agent) vhostReasons(ctx context.Context, r vswitch.ObservedRow, o vswitch.Observed, heard replies) []api.Reason {
	profile, _, _ := a.profile.get()
	socket := r.Settings["options:vhost-server-path"]
	want, named := vhost.PortSpec{Name: r.Name}, false
	if profile != nil && profile.VHost != nil {
		for _, p := range profile.VHost.Ports {
			if p.Name == r.Name {
				want, socket, named = p, profile.VHost.SocketOf(p), true
			}
		}
	}
	facts := vhost.Facts{
		Row: true, Type: r.Settings["type"], ServerPath: r.Settings["options:vhost-server-path"],
		Interface: *r.Status, DPDK: o.DPDKInitialized, Socket: a.socketFacts(socket),
		RunningPath: runningPath(r, heard), Named: named,
	}
	if !vhost.Connected(r) {
		facts.Received = a.received(ctx, r.Name)
		facts.Left, _ = a.vhosts.of(r.Name)
	}
	if heard.rxqs != nil {
		facts.Queues = []vhost.PolledQueue{}
		for _, p := range heard.rxqs.PMDs {
			for _, q := range p.Queues {
				if q.Port == r.Name {
					facts.Queues = append(facts.Queues, vhost.PolledQueue{Queue: q.Queue, Core: p.Core, Enabled: q.Enabled})
				}
			}
		}
	}
	reasons := []api.Reason{}
	for _, why := range vhost.Explain(want, socket, facts) {
		reasons = append(reasons, api.Reason{What: why.What, Fix: why.Fix})
	}
	return reasons
}

// received reads how many packets a port has received; 0 where that cannot be told.
// ovs-vswitchd writes the statistics of a port when it makes it, so those that a
// process before has left are gone by then (vswitchd/bridge.c, iface_create).
func (a *Agent) received(ctx context.Context, port string) int64 {
	db, err := a.db.get()
	if err != nil {
		return 0
	}
	counters, err := db.Statistics(ctx)
	if err != nil {
		return 0
	}
	return counters[port]["rx_packets"]
}

// socketFacts looks at a socket's directories, the socket and who OVS is.
func (a *Agent) socketFacts(socket string) vhost.SocketFacts {
	f := vhost.SocketFacts{Socket: fileFact(a.opt.Host.Look(socket)), Listening: a.opt.Host.Listening(socket)}
	for dir := path.Dir(socket); ; dir = path.Dir(dir) {
		f.Dirs = append(f.Dirs, fileFact(a.opt.Host.Look(dir)))
		if dir == "/" || dir == "." {
			break
		}
	}
	slices.Reverse(f.Dirs)
	if pid, err := a.ctl.PID(); err == nil {
		if uid, groups, err := a.opt.Host.Credentials(pid); err == nil {
			f.OVS = &vhost.Identity{UID: uid, Groups: groups}
		}
	}
	return f
}

func fileFact(f host.File) vhost.FileFact {
	return vhost.FileFact{Path: f.Path, Exists: f.Exists, Mode: f.Mode, UID: f.UID, GID: f.GID}
}
