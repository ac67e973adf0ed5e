// Package flowstest shows what the tables of package flows do in a real switch: the
// hosts of a network are bridges of one ovs-vswitchd with dummy devices, and packets
// are traced from bridge to bridge through the tunnels between them. Tests use it.
package flowstest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Class is the option class of the hosts' tunnels.
const Class = 0xff00

// underlay carries the tunnels of all hosts.
const underlay = "phy"

// tunnelPort is the number of a host's Geneve port.
const tunnelPort = 100

// Rig is a switch that plays several hosts. It is not for several goroutines at a time.
type Rig struct {
	lab   *lab.Host
	hosts map[string]*host
	// ports are the places of the datapath's ports.
	ports map[int]Place
}

type host struct {
	address  netip.Addr
	local    flows.Local
	session  *ofconn.Session
	compiler *flows.Compiler
	all      map[string]of.Port // the interfaces by their names
}

// Place is an interface of a host.
type Place struct{ Host, Port string }

// New starts a switch without hosts. It ends with the test.
func New(t lab.T) *Rig {
	return &Rig{lab: lab.New(t, lab.Options{Dummy: true, Tunnels: true}), hosts: map[string]*host{}}
}

// Ports are the interfaces of a host: those of guests by their iface-id, and those that
// stand for patch ports to physical networks and bridges. The names are unique in the
// rig and at most 15 characters.
type Ports struct{ Guests, Networks, Bridges []string }

// AddHosts makes a bridge for each host, with the tunnel address it has in the
// snapshot. An interface for a network N or bridge B is called HOST-N or HOST-B.
func (r *Rig) AddHosts(ctx context.Context, s *logical.Snapshot, ports map[string]Ports) error {
	args := []string{
		"--", "--may-exist", "add-br", underlay, "--", "set", "bridge", underlay, "datapath_type=dummy", "fail-mode=standalone",
		"other-config:hwaddr=aa:55:aa:55:00:00", "--", "--may-exist", "add-port", underlay, "wire", "--", "set", "interface", "wire", "type=dummy",
	}
	for _, name := range slices.Sorted(maps.Keys(ports)) {
		row := s.HostByName(name)
		if row == nil || len(row.Addresses) == 0 {
			return fmt.Errorf("host %s has no tunnel address", name)
		}
		h := &host{address: row.Addresses[0], compiler: flows.New(), local: flows.Local{
			Host: name, Tunnel: tunnelPort, Ports: map[string]of.Port{}, Networks: map[string]of.Port{}, Bridges: map[string]of.Port{},
		}, all: map[string]of.Port{}}
		r.hosts[name] = h
		tunnel := "tun-" + name
		// Each has a UDP port of its own: two ports of one switch may not be alike.
		args = append(args, "--", "add-br", name, "--", "set", "bridge", name, "datapath_type=dummy", "fail-mode=secure",
			"--", "add-port", name, tunnel, "--", "set", "interface", tunnel, "type=geneve", "ofport_request="+strconv.Itoa(tunnelPort),
			"options:remote_ip=flow", "options:key=flow", "options:dst_port="+strconv.Itoa(6080+len(r.hosts)))
		add := func(port string, in map[string]of.Port, as string) {
			n := of.Port(len(h.all) + 1) //nolint:gosec // few
			in[as], h.all[port] = n, n
			args = append(args, "--", "add-port", name, port, "--", "set", "interface", port, "type=dummy", "ofport_request="+strconv.Itoa(int(n)), "options:tx_pcap="+r.lab.Path(port+".pcap"))
		}
		for _, port := range ports[name].Guests {
			add(port, h.local.Ports, port)
		}
		for _, network := range ports[name].Networks {
			add(name+"-"+network, h.local.Networks, network)
		}
		for _, bridge := range ports[name].Bridges {
			add(name+"-"+bridge, h.local.Bridges, bridge)
		}
	}
	if _, err := r.lab.VSCtl(ctx, args...); err != nil {
		return err
	}
	if err := r.connect(ctx); err != nil {
		return err
	}
	return r.findPorts(ctx)
}

// connect tells the switch how its hosts reach each other, and opens the sessions.
func (r *Rig) connect(ctx context.Context) error {
	commands := [][]string{{"netdev-dummy/ip4addr", underlay, "192.0.2.254/24"}, {"ovs/route/add", "192.0.2.0/24", underlay}}
	for i, name := range slices.Sorted(maps.Keys(r.hosts)) {
		commands = append(commands, []string{"tnl/arp/set", underlay, r.hosts[name].address.String(), fmt.Sprintf("aa:55:aa:55:01:%02x", i)})
	}
	for _, c := range commands {
		if _, err := r.lab.AppCtl(ctx, c...); err != nil {
			return err
		}
	}
	for name, h := range r.hosts {
		if h.session != nil {
			continue
		}
		var err error
		if h.session, err = ofconn.Dial(ctx, ofconn.Socket(r.lab.RunDir(), name)); err != nil {
			return err
		}
		first := []of.Message{&of.TLVMod{Command: of.TLVAdd, Maps: []of.TLVMap{flows.Option(Class)}}}
		for _, m := range flows.Meters() {
			first = append(first, &of.MeterMod{Command: of.MeterAdd, Meter: m})
		}
		if err := h.session.Send(ctx, first...); err != nil {
			return err
		}
	}
	return nil
}

// Gateway lets tunnels go to a network behind the underlay's, where nobody is.
func (r *Rig) Gateway(ctx context.Context, network string) error {
	const by = "192.0.2.253"
	if _, err := r.lab.AppCtl(ctx, "tnl/arp/set", underlay, by, "aa:55:aa:55:02:00"); err != nil {
		return err
	}
	_, err := r.lab.AppCtl(ctx, "ovs/route/add", network, underlay, by)
	return err
}

// findPorts reads which number each port has in the datapath: "p1 1/2: (dummy)"
// (ofproto/ofproto-dpif.c, dpif_show_backer, OVS 3.1).
func (r *Rig) findPorts(ctx context.Context) error {
	text, err := r.lab.AppCtl(ctx, "dpif/show")
	if err != nil {
		return err
	}
	r.ports = map[int]Place{}
	bridge := ""
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 1 {
			bridge = strings.TrimSuffix(words[0], ":")
			continue
		}
		_, number, ok := strings.Cut(words[1], "/")
		if n, err := strconv.Atoi(strings.TrimSuffix(number, ":")); ok && err == nil {
			r.ports[n] = Place{bridge, words[0]}
		}
	}
	if len(r.ports) == 0 {
		return errors.New("dpif/show names no port")
	}
	return nil
}

// Local is what a host knows of its own bridge.
func (r *Rig) Local(host string) flows.Local { return r.hosts[host].local }

// Update takes all hosts to a snapshot, each by one bundle, and returns how many
// messages that took.
func (r *Rig) Update(ctx context.Context, s *logical.Snapshot, delta logical.Delta) (int, error) {
	return r.UpdateHosts(ctx, s, delta, slices.Sorted(maps.Keys(r.hosts))...)
}

// UpdateHosts takes some hosts to a snapshot, while the others are late.
func (r *Rig) UpdateHosts(ctx context.Context, s *logical.Snapshot, delta logical.Delta, hosts ...string) (int, error) {
	n := 0
	for _, name := range hosts {
		h := r.hosts[name]
		change := h.compiler.Update(s, delta, h.local)
		messages := change.Messages()
		n += len(messages)
		if err := h.session.Bundle(ctx, messages); err != nil {
			return n, fmt.Errorf("host %s: %w", name, err)
		}
		h.compiler.Done()
	}
	return n, nil
}

// Compiler is the compiler of a host.
func (r *Rig) Compiler(host string) *flows.Compiler { return r.hosts[host].compiler }

// Dump reads what the bridge of a host has.
func (r *Rig) Dump(ctx context.Context, host string) ([]of.Flow, []of.GroupEntry, error) {
	var all []of.Flow
	s := r.hosts[host].session
	if err := s.DumpFlows(ctx, of.FlowRequest{Table: of.AllTables}, func(e of.FlowEntry) { all = append(all, e.Flow) }); err != nil {
		return nil, nil, err
	}
	groups, err := s.Groups(ctx)
	return all, groups, err
}

// Close ends the sessions.
func (r *Rig) Close() error {
	var all error
	for _, h := range r.hosts {
		if h.session != nil {
			all = errors.Join(all, h.session.Close())
		}
	}
	return all
}
