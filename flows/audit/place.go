package audit

import (
	"fmt"
	"iter"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/finding"
)

// bindings tells of guests' ports that are nowhere, by switch, and of what names a
// host that nobody knows.
func (c *check) bindings() {
	nowhere := map[string][]string{}
	for p := range c.Ports() {
		switch {
		case p.Kind == logical.PortOutside && c.HostByName(p.Host) == nil:
			c.add(finding.Warning, "unknown-host", "port "+p.Name, fmt.Sprintf("outside port %s of switch %s is on host %s, which never registered",
				p.Name, c.switchName(p.Switch), p.Host), "start sluiced there, or look for its right name: sluicectl ch list")
		case p.Kind == logical.PortGuest && p.Trunk.IsZero() && c.Bound(p.ID) == nil:
			name := c.switchName(p.Switch)
			nowhere[name] = append(nowhere[name], p.Name)
		}
	}
	byName(nowhere, func(sw string, ports []string) {
		c.add(finding.Info, "port-nowhere", "switch "+sw, fmt.Sprintf("no host has the interface of %s of switch %s", some(ports), sw),
			"set external_ids:iface-id of the guest's Interface to the port's name, or delete the port")
	})
	lost := map[string][]string{}
	for b := range c.Bindings() {
		if p := c.Port(b.Port); p != nil && c.HostByName(b.Host) == nil {
			lost[b.Host] = append(lost[b.Host], p.Name)
		}
	}
	byName(lost, func(host string, ports []string) {
		c.add(finding.Warning, "unknown-host", "host "+host, fmt.Sprintf("host %s never registered, and nothing reaches what is bound to it: %s", host, some(ports)),
			"start sluiced there")
	})
	for r := range c.Routers() {
		for _, h := range r.Hosts {
			if c.HostByName(h) == nil {
				c.add(finding.Warning, "unknown-host", "router "+r.Name, fmt.Sprintf("router %s is pinned to host %s, which never registered", r.Name, h),
					"start sluiced there, or pin it to another: sluicectl lr set "+r.Name+" HOST")
			}
		}
	}
}

// hosts tells of hosts that fell silent while something is on them.
func (c *check) hosts(in Input) {
	for h := range c.Hosts() {
		lives := false
		for _, s := range in.Said {
			lives = lives || s.Host == h.Name && in.Now.Sub(s.LastSeen) <= in.Live
		}
		if lives {
			continue
		}
		var on []string
		for b := range c.BindingsOn(h.Name) {
			if p := c.Port(b.Port); p != nil && c.Bound(b.Port) == b {
				on = append(on, p.Name)
			}
		}
		if len(on) > 0 {
			c.add(finding.Warning, "silent-host", "host "+h.Name, fmt.Sprintf("host %s says nothing, and has %s", h.Name, some(on)),
				"look after sluiced there, or, when the host is gone: sluicectl ch del "+h.Name)
		}
	}
}

// vlans tells of physical networks that no host reaches, and of switches that are one by
// theirs.
func (c *check) vlans() {
	reached := map[string]bool{}
	for h := range c.Hosts() {
		for _, n := range h.Provider {
			reached[n] = true
		}
	}
	same := map[string][]string{}
	for s := range c.Switches() {
		for network := range c.localnetsOf(s) {
			at := fmt.Sprintf("%s:%d", network, s.VLAN)
			same[at] = append(same[at], s.Name)
		}
		if s.Kind != logical.SwitchVLAN {
			continue
		}
		if len(reached) > 0 && !reached[s.Network] {
			c.add(finding.Warning, "no-provider", "switch "+s.Name, fmt.Sprintf("switch %s is a VLAN of %s, which no host reaches", s.Name, s.Network),
				"name the network in overlay.provider of the hosts' profiles")
		}
		at := fmt.Sprintf("%s:%d", s.Network, s.VLAN)
		same[at] = append(same[at], s.Name)
	}
	byName(same, func(at string, switches []string) {
		if len(switches) > 1 {
			c.add(finding.Warning, "same-vlan", "", fmt.Sprintf("switches %s are one VLAN, %s", some(switches), at), "delete all but one")
		}
	})
}

// leftovers tells of switches and routers with nothing behind them.
func (c *check) leftovers() {
	for s := range c.Switches() {
		if empty(c.PortsOf(s.ID)) {
			c.add(finding.Info, "leftover", "switch "+s.Name, "switch "+s.Name+" has no port", "sluicectl ls del "+s.Name)
		}
	}
	for r := range c.Routers() {
		if empty(c.RouterPortsOf(r.ID)) {
			c.add(finding.Info, "leftover", "router "+r.Name, "router "+r.Name+" has no port", "sluicectl lr del "+r.Name)
		}
	}
}

func empty[E any](all iter.Seq[E]) bool {
	for range all {
		return false
	}
	return true
}
