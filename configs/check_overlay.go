package configs

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// overlay checks that what the overlay names is there.
func (c *checker) overlay() {
	o := c.Overlay
	if o == nil {
		return
	}
	if b, found := c.bridge(o.Integration); found && b.FailMode != dpdk.Secure {
		c.say(b.Path+".failMode", "must be secure for the integration bridge: standalone would switch packets past every logical switch; write failMode: secure, or remove the line")
	}
	b, found := c.bridge(o.Bridge)
	switch {
	case o.Bridge == "":
	case !found:
		c.say("overlay.bridge", "%s is no bridge of this profile; valid: %s, or \"\" with an address where the underlay is somebody else's", o.Bridge, c.underlays())
	case !o.Address.IsValid():
		c.say("overlay.address", "is missing, and bridge %s has no address to take; add addresses to %s, or write the tunnel endpoint's address", o.Bridge, c.at(b.Path))
	case !slices.ContainsFunc(b.Addresses, func(a netip.Prefix) bool { return a.Addr() == o.Address }):
		c.say("overlay.address", "%s is no address of bridge %s, and OVS would drop every tunnelled packet; add it to %s.addresses, or leave it out for the first one there",
			o.Address, o.Bridge, b.Path)
	}
	for i, p := range o.Provider {
		if _, found := c.bridge(p.Bridge); !found {
			c.say(fmt.Sprintf("overlay.provider[%d].bridge", i), "%s is no bridge of this profile; valid: %s", p.Bridge, c.underlays())
		}
	}
}

// underlays names the bridges that are not the integration bridge.
func (c *checker) underlays() string {
	var names []string
	for _, b := range c.Bridges {
		if b.Name != c.Overlay.Integration {
			names = append(names, b.Name)
		}
	}
	return orNone(names)
}

// ipfix checks that what shall be sampled is there.
func (c *checker) ipfix() {
	s := c.IPFIX
	if s == nil {
		return
	}
	if s.Mode == ipfix.ModePorts && c.Overlay == nil {
		c.say("monitor.ipfix.mode", "ports samples in the pipeline of the logical network, and the profile has no overlay section; write mode: bridge and name bridges")
	}
	if s.Mode == ipfix.ModePorts && s.Sampling > 65535 {
		c.say("monitor.ipfix.sampling", "%d is out of range for mode ports: the action sample() holds the probability in 16 bits; valid: 1 to 65535", s.Sampling)
	}
	if s.Mode == ipfix.ModePorts && len(s.Bridges) > 0 {
		c.say("monitor.ipfix.bridges", "has no meaning in mode ports, which samples in the pipeline; remove it, or write mode: bridge")
	}
	seen := map[string]bool{}
	for i, name := range s.Bridges {
		path := fmt.Sprintf("monitor.ipfix.bridges[%d]", i)
		_, found := c.bridge(name)
		switch {
		case !found:
			c.say(path, "%s is no bridge of this profile; valid: %s", name, c.bridgeNames())
		case seen[name]:
			c.say(path, "%s is named twice; keep one of them", name)
		case c.Overlay != nil && name == c.Overlay.Integration:
			c.say(path, "%s is the integration bridge, whose pipeline samples by itself; write mode: ports, or name another bridge", name)
		}
		seen[name] = true
	}
	targets := map[string]bool{s.Listen.String(): true}
	for i, target := range s.ExportTo {
		if targets[target] {
			c.say(fmt.Sprintf("monitor.ipfix.exportTo[%d]", i), "%s is named twice (the daemon's own collector, listen, counts too); keep one of them", target)
		}
		targets[target] = true
	}
}
