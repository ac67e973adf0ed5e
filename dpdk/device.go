package dpdk

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/host"
)

const vfio = "vfio-pci"

// device is a port's device as found on the host.
type device struct {
	nic   host.NIC
	known bool // nic is this host's
	node  int
	mac   string // "" = unknown
}

// String returns the device as a profile writes it.
func (d Device) String() string {
	switch {
	case d.PCI != "":
		return d.PCI
	case d.MAC != "":
		return "mac " + d.MAC
	default:
		return d.Vdev
	}
}

// devargs returns options:dpdk-devargs.
func (d Device) devargs() string {
	if d.MAC != "" {
		return "class=eth,mac=" + strings.ToLower(d.MAC)
	}
	return d.String()
}

// Find returns the NIC of a device, or false for a vdev and for a NIC the host
// does not show.
func (d Device) Find(t host.Topology) (host.NIC, bool) {
	if d.MAC == "" {
		return t.NICByPCI(strings.ToLower(d.PCI))
	}
	for _, n := range t.NICs {
		if strings.EqualFold(n.MAC, d.MAC) && n.PCI != "" {
			return n, true
		}
	}
	return host.NIC{}, false
}

// Node returns the NUMA node on which OVS opens the device: the NIC's own; that
// of DPDK's main lcore for a vdev; 0 where the NIC does not tell
// (lib/netdev-dpdk.c, common_construct). lcores is the profile's dpdk.lcores.
func (d Device) Node(t host.Topology, lcores cpuset.Set) int {
	if n, ok := d.Find(t); ok {
		return max(n.Node, 0)
	}
	if d.Vdev != "" {
		return mainNode(t, lcores)
	}
	return 0
}

// mainNode returns the node of DPDK's main lcore: the lowest CPU it may use.
func mainNode(t host.Topology, lcores cpuset.Set) int {
	if lcores.IsEmpty() {
		lcores = t.Allowed
	}
	if lcores.IsEmpty() {
		return 0
	}
	c, _ := t.CPU(lcores.First())
	return max(c.Node, 0)
}

func (p *planner) lcores() cpuset.Set {
	if p.Spec == nil {
		return cpuset.Set{}
	}
	return p.Spec.LCores
}

// resolveDevices finds every port's device and decides what to bind.
func (p *planner) resolveDevices() {
	p.devices = map[string]device{}
	users := map[string]string{}
	for _, b := range p.Bridges {
		for _, port := range b.Ports {
			d := device{node: port.Device.Node(p.Topology, p.lcores()), mac: strings.ToLower(port.Device.MAC)}
			d.nic, d.known = port.Device.Find(p.Topology)
			if d.mac == "" {
				d.mac = strings.ToLower(d.nic.MAC)
			}
			if d.mac == "" {
				d.mac = p.Seen.MAC[port.Name]
			}
			p.devices[port.Path] = d

			key := d.nic.PCI
			if key == "" {
				key, _, _ = strings.Cut(port.Device.devargs(), ",iface=")
			}
			if user, twice := users[key]; twice {
				p.report(finding.Error, "device-twice", port.Path+".device",
					fmt.Sprintf("%s uses device %s, which %s has already", port.Name, port.Device, user),
					"OVS refuses the second port", "give each port a device of its own")
			}
			users[key] = port.Name
			if port.Device.Vdev == "" {
				p.checkNIC(port, d)
			}
		}
	}
}

// checkNIC judges a physical port's NIC and adds its binding.
func (p *planner) checkNIC(port PortSpec, d device) {
	path := port.Path + ".device"
	if !d.known {
		p.missingNIC(port, d)
		return
	}
	n := d.nic
	if n.DefaultRoute && !port.AllowDefault {
		p.report(finding.Error, "nic-default-route", path,
			fmt.Sprintf("%s (%s) carries this host's default route", n.PCI, n.Name),
			"the host loses its network, and whoever works on it over that network loses the host",
			"take another NIC; or move the default route first; or set allowDefaultRoute: true on this port")
	}
	if port.Driver == "" || port.Driver == n.Driver {
		return
	}
	switch {
	case n.Bifurcated:
		p.report(finding.Info, "nic-bifurcated", port.Path+".driver",
			fmt.Sprintf("%s stays on %s, which serves DPDK while the kernel keeps the device; it is not bound to %s", n.PCI, n.Driver, port.Driver),
			"", `set driver: "" to say so in the profile`)
		return
	case port.Driver == vfio && (!p.Topology.IOMMU || n.IOMMU == ""):
		p.report(finding.Error, "no-iommu", port.Path+".driver",
			fmt.Sprintf("%s cannot be bound to %s: %s", n.PCI, vfio, iommuLack(p.Topology)),
			"the port does not open",
			"switch on VT-d or AMD-Vi in the firmware and put intel_iommu=on iommu=pt (Intel) or iommu=pt (AMD) on the kernel command line")
		return
	}
	p.binds = append(p.binds, host.BindDriver{PCI: n.PCI, Driver: port.Driver, AllowDefaultRoute: port.AllowDefault})
}

func iommuLack(t host.Topology) string {
	if t.IOMMU {
		return "it is in no IOMMU group"
	}
	return "this host's IOMMU is off"
}

// missingNIC tells that a device is not there, or cannot be seen.
func (p *planner) missingNIC(port PortSpec, d device) {
	var hidden []string
	for _, n := range p.Topology.NICs {
		if n.PCI != "" && n.MAC == "" {
			hidden = append(hidden, fmt.Sprintf("%s (%s)", n.PCI, n.Driver))
		}
	}
	if port.Device.MAC != "" {
		if strings.EqualFold(p.Seen.MAC[port.Name], d.mac) {
			return // the running switch has it
		}
		if len(hidden) > 0 {
			p.report(finding.Warning, "nic-hidden", port.Path+".device",
				fmt.Sprintf("no NIC shows the MAC %s; it may be one of those whose driver hides it: %s", d.mac, strings.Join(hidden, ", ")),
				"node, driver and queues of the NIC cannot be checked, and nothing is bound",
				"name the device by its PCI address")
			return
		}
	}
	p.report(finding.Error, "nic-missing", port.Path+".device",
		fmt.Sprintf("%s: this host has no NIC %s", port.Name, port.Device),
		"the port does not open", "name one of: "+listNICs(p.Topology))
}

// listNICs names the PCI NICs of the host, at most eight.
func listNICs(t host.Topology) string {
	var names []string
	for _, n := range t.NICs {
		if n.PCI == "" {
			continue
		}
		name := n.PCI + " ("
		if n.Name != "" {
			name += n.Name + ", "
		}
		if n.MAC != "" {
			name += n.MAC + ", "
		}
		names = append(names, fmt.Sprintf("%snode %d)", name, max(n.Node, 0)))
	}
	switch {
	case len(names) == 0:
		return "this host shows no PCI NIC; a vdev such as net_tap0,iface=dtap0 works everywhere"
	case len(names) > 8:
		return strings.Join(names[:8], ", ") + fmt.Sprintf(" and %d more", len(names)-8)
	}
	return strings.Join(names, ", ")
}
