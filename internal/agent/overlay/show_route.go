package overlay

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/sluice-nfv/sluice/flows/tunnel"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// tunnelWay is what OVS says of the way to an address.
type tunnelWay struct {
	found *appctl.RouteLookup // nil = there is none
	err   error               // it could not be asked
}

// wayTo asks OVS for the way of tunnel packets to an address, once. Which of its routes
// wins is not for us to say: it differs by release (lib/ovs-router.c).
func (v *tunnelView) wayTo(to netip.Addr) tunnelWay {
	if w, known := v.ways[to]; known || !to.IsValid() {
		return w
	}
	var w tunnelWay
	text, err := v.lookup(to.String())
	refused, _ := errors.AsType[*unixctl.CommandError](err)
	switch {
	case refused != nil && refused.Text == "Not found":
		err = nil
	case err == nil:
		var found appctl.RouteLookup
		found, err = appctl.ParseRouteLookup(strings.NewReader(text))
		w.found = &found
	}
	if err != nil {
		w = tunnelWay{err: err}
	}
	if v.ways == nil {
		v.ways = map[netip.Addr]tunnelWay{}
	}
	v.ways[to] = w
	return w
}

// routeTo is the way to an address, and the MAC of the next hop where it is known.
func (v *tunnelView) routeTo(to netip.Addr) (*tunnel.Route, string) {
	r := v.wayTo(to).found
	if r == nil {
		return nil, ""
	}
	_, bridge := v.observed.Row(vswitch.ID{Table: vswitch.BridgeTable, Name: r.Dev})
	out := &tunnel.Route{Device: r.Dev, Bridge: bridge, Gateway: r.Gateway, MTU: v.mtus[r.Dev]}
	next := to
	if r.Gateway.IsValid() {
		next = r.Gateway
	}
	for _, n := range v.neighbours {
		if n.Address == next && n.Bridge == r.Dev && !n.Stale {
			return out, n.MAC
		}
	}
	return out, ""
}

// source is the address that tunnel packets come from.
func (v *tunnelView) source(to netip.Addr) string {
	if r := v.wayTo(to).found; r != nil {
		return r.Source.String()
	}
	return ""
}
