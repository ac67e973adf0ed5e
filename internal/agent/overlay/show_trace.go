package overlay

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Trace asks the switch what it would do with what a guest here would send.
func (n *Network) Trace(ctx context.Context, req api.TraceRequest) (api.Trace, error) {
	l, err := n.laying()
	if err != nil {
		return api.Trace{}, err
	}
	if l.snapshot == nil {
		return api.Trace{}, api.Unavailable("the store has not been read yet").WithFix("sluicectl host status says why")
	}
	o, err := n.daemon.Observe(ctx)
	if err != nil {
		return api.Trace{}, api.NoDatabase(err)
	}
	if l.snapshot.PortByName(req.Port) == nil {
		req.Port = portBehind(o, l.overlay.Integration, req.Port)
	}
	packet, err := l.probe(req, o)
	if err != nil {
		return api.Trace{}, err
	}
	reply, err := n.daemon.Call(ctx, "ofproto/trace", l.overlay.Integration, packet)
	if err != nil {
		return api.Trace{}, api.Unavailable("trace %s: %w", packet, err).WithFix("sluicectl host status says whether the switch runs")
	}
	lines, actions, err := appctl.ParseTrace(strings.NewReader(reply))
	if err != nil {
		return api.Trace{}, err
	}
	t := api.Trace{Bridge: l.overlay.Integration, Packet: packet}
	names := flows.NamesOf(l.snapshot)
	for _, line := range lines {
		w := api.TraceLine{Text: line.Text}
		if line.Lookup && line.Bridge == l.overlay.Integration {
			w.Table = flows.Table(line.Table).String()
			if !strings.HasSuffix(line.Text, "No match.") {
				w.Owner = names(line.Cookie)
			}
		}
		t.Lines = append(t.Lines, w)
	}
	words := traceWords{ports: n.portNumbers(ctx), guests: guestsOf(o), host: l.hostAt}
	for i, a := range actions {
		if i < len(actions)-1 {
			t.Result = append(t.Result, words.of(a)...)
			continue
		}
		t.Result = append(t.Result, words.outcome(a, reply, refusedBy(t.Lines))...)
	}
	return t, nil
}

// probe is the packet as ofproto/trace takes it.
func (l laying) probe(req api.TraceRequest, o vswitch.Observed) (string, error) {
	to, err := netip.ParseAddr(req.To)
	if err != nil {
		return "", api.Usage("to: %q is no address", req.To)
	}
	if req.DstPort < 0 || req.DstPort > math.MaxUint16 || req.TTL < 0 || req.TTL > math.MaxUint8 {
		return "", api.Usage("a port is at most %d, a TTL at most %d", math.MaxUint16, math.MaxUint8)
	}
	q := simulate.Probe{Port: req.Port, To: to.Unmap(), Proto: req.Proto, DstPort: uint16(req.DstPort), TTL: uint8(req.TTL)}
	at, packet, err := q.Packet(l.snapshot)
	var missing *logical.MissingError
	switch {
	case errors.As(err, &missing):
		return "", api.NotFound("%w", err).WithFix("sluicectl lsp show SWITCH lists the ports of a switch; an interface of this host does, too")
	case err != nil:
		return "", api.Conflict("%w", err)
	case at.Host != l.host:
		return "", api.Conflict("port %s is on host %s, not here", req.Port, at.Host).WithFix("ask there, or the model of the network: --simulate")
	}
	in := localOf(o, l.overlay.Integration).local.Ports[at.Port]
	if in == 0 {
		return "", api.Conflict("no interface of bridge %s has the iface-id %s any more", l.overlay.Integration, at.Port)
	}
	return fmt.Sprintf("in_port=%d,%s", in, packet), nil
}

// portBehind is the switch port of an interface of a bridge, as alerts name it; other
// names stay as they are.
func portBehind(o vswitch.Observed, bridge, name string) string {
	r, ok := o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: name})
	port, _ := o.Row(r.Parent)
	if id := r.Settings[vswitch.IfaceID]; ok && id != "" && port.Parent.Name == bridge {
		return id
	}
	return name
}

// hostAt names who has a tunnel address.
func (l laying) hostAt(a netip.Addr) string {
	if h := l.snapshot.HostByAddress(a); h != nil {
		return "host " + h.Name
	}
	return "somebody unknown"
}

// portNumbers are the names of the userspace datapath's ports by their numbers; none
// where the switch does not tell: the numbers are shown then.
func (n *Network) portNumbers(ctx context.Context) map[uint32]string {
	names := map[uint32]string{}
	paths, _ := appctl.Ask(ctx, n.daemon, appctl.ParseDatapaths, "dpctl/show", appctl.UserspaceDatapath)
	for _, d := range paths {
		for _, p := range d.Ports {
			names[p.Number] = p.Name
		}
	}
	return names
}

// guestsOf are the iface-ids of interfaces by their names.
func guestsOf(o vswitch.Observed) map[string]string {
	ids := map[string]string{}
	for _, r := range o.Rows {
		if id := r.Settings[vswitch.IfaceID]; r.Table == vswitch.IfaceTable && id != "" {
			ids[r.Name] = id
		}
	}
	return ids
}
