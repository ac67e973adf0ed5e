package configs

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-nfv/sluice/dpdk"
)

// rawBridge is one bridge of the userspace datapath.
type rawBridge struct {
	// Name of the bridge and of its internal port, which the kernel sees.
	Name kernelName `yaml:"name" jsonschema:"required" example:"br-phy"`
	// Addresses with prefix length on the internal port. A tunnel endpoint lives here.
	Addresses []hostPrefix `yaml:"addresses"`
	// Kernel routes by way of the internal port.
	Routes []rawRoute `yaml:"routes"`
	// Without a controller: switch like any switch (standalone) or drop (secure). Default: standalone, of the integration bridge secure.
	FailMode dpdk.FailMode `yaml:"failMode" jsonschema:"enum=standalone,enum=secure"`
	// MTU of the internal port. Default: OVS follows the bridge's smallest port.
	MTU int `yaml:"mtu" jsonschema:"minimum=68,maximum=9702" why:"OVS takes frames of 94 to 9728 bytes"`
	// DPDK devices.
	Ports []rawPort `yaml:"ports"`
	// Ports made of several devices.
	Bonds []rawBond `yaml:"bonds"`
}

// rawRoute is one kernel route.
type rawRoute struct {
	// Network the route leads to.
	To network `yaml:"to" jsonschema:"required" example:"172.16.0.0/16"`
	// Next hop, on a network of the bridge's own addresses.
	Via address `yaml:"via" jsonschema:"required" example:"172.16.0.254"`
}

// rawPort is one DPDK device, physical or virtual.
type rawPort struct {
	// Name of the port in OVS.
	Name portName `yaml:"name" jsonschema:"required" example:"dpdk0"`
	// PCI address, {mac: ...} of a NIC, or {vdev: ...} with the arguments of a virtual device.
	Device rawDevice `yaml:"device" jsonschema:"required" example:"0000:3b:00.0"`
	// Kernel driver to bind a PCI device to; "" leaves the device as it is, and bifurcated drivers (mlx5) stay in any case. Default: vfio-pci of a PCI device.
	Driver *label `yaml:"driver"`
	// Bind even the NIC that carries the host's default route: the host loses that way to the network.
	AllowDefaultRoute bool `yaml:"allowDefaultRoute"`
	// Receive queues.
	RxQueues int `yaml:"rxQueues" jsonschema:"minimum=1,maximum=1024" why:"DPDK knows 1024 queues of a port"`
	// Receive descriptors of each queue, a power of two. OVS before 3.6 takes 4096 at most.
	RxDescriptors int `yaml:"rxDescriptors" jsonschema:"minimum=64,maximum=32768" why:"a queue holds its number of descriptors in 16 bits"`
	// Transmit descriptors of each queue, a power of two. OVS before 3.6 takes 4096 at most.
	TxDescriptors int `yaml:"txDescriptors" jsonschema:"minimum=64,maximum=32768" why:"a queue holds its number of descriptors in 16 bits"`
	// MTU; it decides the size of packet buffers.
	MTU int `yaml:"mtu" jsonschema:"minimum=68,maximum=9702" why:"OVS takes frames of 94 to 9728 bytes"`
	// Queues pinned to CPUs. What is not named stays with the scheduler.
	RxAffinity []rawPin `yaml:"rxAffinity"`
	// Pause frames.
	FlowControl rawFlowControl `yaml:"flowControl"`
	// Learn link changes by interrupt instead of looking every 5 s. Not every driver can.
	LSCInterrupt bool `yaml:"lscInterrupt"`
	// 802.1Q.
	VLAN rawVLAN `yaml:"vlan"`
	// Limits of what the port receives and sends.
	RateLimit rawRateLimit `yaml:"rateLimit"`
}

func (r *rawPort) setDefaults() {
	r.RxQueues = 1
	r.RxDescriptors, r.TxDescriptors = 2048, 2048
	r.MTU = 1500
}

func (r *rawPort) check(say func(key, format string, args ...any)) {
	for _, k := range []struct {
		key string
		n   int
	}{{"rxDescriptors", r.RxDescriptors}, {"txDescriptors", r.TxDescriptors}} {
		if k.n&(k.n-1) != 0 {
			below := powerBelow(k.n)
			say(k.key, "%d is no power of two: OVS would take 2048 instead and say so only in its log; write %d or %d", k.n, below, 2*below)
		}
	}
	if r.Driver != nil && *r.Driver != "" && r.Device.PCI == "" {
		say("driver", "is set, but only a device named by PCI address can be bound; remove it, or name the device by PCI address")
	}
	pinned := map[int]int{}
	for i, p := range r.RxAffinity {
		at := fmt.Sprintf("rxAffinity[%d]", i)
		if p.Queue >= r.RxQueues {
			say(at+".queue", "the port has %d rx queues, and there is no queue %d; valid: 0 to %d", r.RxQueues, p.Queue, r.RxQueues-1)
		}
		if first, again := pinned[p.Queue]; again {
			say(at+".queue", "queue %d is pinned by rxAffinity[%d] already; keep one of them", p.Queue, first)
		}
		pinned[p.Queue] = i
	}
	r.RateLimit.fits(r.MTU, say)
}

func powerBelow(n int) int {
	p := 1
	for 2*p <= n {
		p *= 2
	}
	return p
}

// rawPin pins a queue to a CPU.
type rawPin struct {
	// Number of the receive queue, from 0.
	Queue int `yaml:"queue" jsonschema:"required,minimum=0,maximum=1023" why:"queues are numbered from 0" example:"0"`
	// CPU of the PMD thread that polls it.
	CPU int `yaml:"cpu" jsonschema:"required,minimum=0,maximum=8191" why:"Linux knows 8192 CPUs at most" example:"2"`
}

// rawFlowControl is IEEE 802.3x pause.
type rawFlowControl struct {
	// Send pause frames when receive queues fill up.
	Rx bool `yaml:"rx"`
	// Obey pause frames.
	Tx bool `yaml:"tx"`
	// Agree on it with the other end.
	Autoneg bool `yaml:"autoneg"`
}

// rawBond is one port made of several devices.
type rawBond struct {
	// Name of the port in OVS.
	Name portName `yaml:"name" jsonschema:"required" example:"bond0"`
	// How output is spread; balance-tcp needs LACP.
	Mode dpdk.BondMode `yaml:"mode" jsonschema:"enum=active-backup,enum=balance-slb,enum=balance-tcp"`
	// Link Aggregation Control Protocol.
	LACP string `yaml:"lacp" jsonschema:"enum=active,enum=passive,enum=off"`
	// LACP once a second instead of every 30 s.
	LACPFast bool `yaml:"lacpFast"`
	// Names of ports of the same bridge; they become interfaces of the bond and have no vlan or rateLimit of their own.
	Members []portName `yaml:"members" jsonschema:"required" example:"[dpdk0, dpdk1]"`
	// 802.1Q.
	VLAN rawVLAN `yaml:"vlan"`
	// Limits of what each member receives and sends: OVS polices members one by one.
	RateLimit rawRateLimit `yaml:"rateLimit"`
}

func (r *rawBond) setDefaults() { r.Mode, r.LACP = dpdk.ActiveBackup, "off" }

func (r *rawBond) check(say func(key, format string, args ...any)) {
	if r.Mode == dpdk.BalanceTCP && r.LACP == "off" {
		say("lacp", "is off, but balance-tcp drops every packet until LACP is negotiated; write lacp: active, or mode: balance-slb")
	}
	if r.LACPFast && r.LACP == "off" {
		say("lacpFast", "is set, but lacp is off; write lacp: active, or remove lacpFast")
	}
	if len(r.Members) < 2 {
		say("members", "names %d port; a bond needs two or more, a single port needs no bond", len(r.Members))
	}
}

func (r rawDevice) node() *yaml.Node {
	key, value := "mac", r.MAC
	switch {
	case r.PCI != "":
		return textNode(r.PCI)
	case r.Vdev != "":
		key, value = "vdev", r.Vdev
	}
	return &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: []*yaml.Node{textNode(key), textNode(value)}}
}
