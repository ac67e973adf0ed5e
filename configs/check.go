package configs

import (
	"fmt"

	"github.com/sluice-nfv/sluice/dpdk"
)

// checker judges what needs several sections together, on the resolved profile.
type checker struct {
	*Profile
	file     string
	problems []Problem
}

func (c *checker) say(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{File: c.file, Line: c.Line(path), Path: path, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) all() {
	c.names()
	c.devices()
	c.switchedOff()
	c.bridges()
	c.bonds()
	c.cpus()
	c.vhostPorts()
	c.overlay()
	c.ipfix()
}

// nameFromHost gives the profile the host's name.
func (c *checker) nameFromHost(host string) {
	var name hostName
	if host == "" {
		c.say("name", "is missing, and the host's own name is not known; write name: and the name of the host")
	} else if err := name.UnmarshalText([]byte(host)); err != nil {
		c.say("name", "is missing, and the host's own name %v; write a name", err)
	}
	c.Name = string(name)
}

// at tells where a place is, for messages about another one.
func (c *checker) at(path string) string {
	if line := c.Line(path); line > 0 {
		return fmt.Sprintf("%s (line %d)", path, line)
	}
	return path
}

// names keeps the names of bridges, ports and bonds apart: each is a Port or
// Interface row of the one database, whatever bridge it belongs to.
func (c *checker) names() {
	first := map[string]string{}
	one := func(path, name, key string) {
		if other, again := first[name]; again {
			c.say(path+key, "the name %s is taken by %s; ports, bonds and bridges have one name space in the whole switch: choose another", name, c.at(other))
			return
		}
		first[name] = path
	}
	for _, b := range c.Bridges {
		if b.Path == integrationPath {
			one(b.Path, b.Name, "")
			continue
		}
		one(b.Path, b.Name, ".name")
	}
	for _, b := range c.Bridges {
		for _, p := range b.Ports {
			one(p.Path, p.Name, ".name")
		}
		for _, bond := range b.Bonds {
			one(bond.Path, bond.Name, ".name")
		}
	}
	if c.VHost == nil {
		return
	}
	for _, p := range c.VHost.Ports {
		one(p.Path, p.Name, ".name")
	}
}

// devices refuses a device used twice, and kernel names that vdevs would give
// to their interfaces.
func (c *checker) devices() {
	first := map[string]string{}
	one := func(path, what, text string) {
		if other, again := first[what]; again {
			c.say(path+".device", "%s is used by %s already; a device has one port: name another", text, c.at(other))
			return
		}
		first[what] = path
	}
	for _, p := range c.dpdkPorts() {
		switch d := p.Device; {
		case d.PCI != "":
			one(p.Path, "pci "+d.PCI, "the PCI device "+d.PCI)
		case d.MAC != "":
			one(p.Path, "mac "+d.MAC, "the NIC "+d.MAC)
		default:
			name, iface, err := vdevNames(d.Vdev)
			if err != nil {
				c.say(p.Path+".device.vdev", "%v", err)
				continue
			}
			one(p.Path, "vdev "+name, "the virtual device "+name)
			if iface != "" {
				one(p.Path, "iface "+iface, "the interface "+iface)
			}
		}
	}
}

func (c *checker) dpdkPorts() []dpdk.PortSpec {
	var ports []dpdk.PortSpec
	for _, b := range c.Bridges {
		ports = append(ports, b.Ports...)
	}
	return ports
}

// switchedOff refuses ports that a profile without DPDK cannot have.
func (c *checker) switchedOff() {
	for _, p := range c.dpdkPorts() {
		switch {
		case c.DPDK == nil:
			c.say(p.Path, "is a DPDK port, but the profile has no dpdk section, and DPDK would not start; add dpdk: {} for all defaults")
		case c.DPDK.Init == dpdk.InitFalse:
			c.say(p.Path, "is a DPDK port, but dpdk.init is false; write dpdk: {init: try}, or remove the port")
		}
	}
	if c.VHost == nil || c.DPDK == nil || c.DPDK.Init != dpdk.InitFalse {
		return
	}
	for _, p := range c.VHost.Ports {
		c.say(p.Path, "is a vhost-user port, which DPDK serves, but dpdk.init is false; write dpdk: {init: try}, or remove the port")
	}
}
