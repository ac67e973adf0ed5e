package configs

import (
	"fmt"
	"io/fs"
	"net/netip"
	"time"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// integrationPath is the place of an integration bridge that bridges does not list.
const integrationPath = "overlay.integration"

// profile turns the file as written into the domains' specs and resolves the
// defaults that depend on other keys.
func (r *rawProfile) profile() *Profile {
	p := &Profile{Name: string(r.Name), Disruptive: r.Apply.Disruptive}
	if r.CPU != nil {
		p.CPU = r.CPU.spec()
	}
	if r.DPDK != nil {
		p.DPDK = r.DPDK.spec()
	}
	integration := ""
	if r.Overlay != nil {
		integration = string(r.Overlay.Integration)
	}
	for i, b := range r.Bridges {
		p.Bridges = append(p.Bridges, b.spec(fmt.Sprintf("bridges[%d]", i), integration))
	}
	if r.Overlay != nil {
		p.Overlay = r.Overlay.spec(p)
		if _, found := p.bridge(integration); !found {
			p.Bridges = append(p.Bridges, dpdk.BridgeSpec{Path: integrationPath, Name: integration, FailMode: dpdk.Secure})
		}
	}
	p.VHost = r.vhost()
	if r.Monitor != nil && r.Monitor.IPFIX != nil {
		p.IPFIX = r.Monitor.IPFIX.spec()
	}
	return p
}

func (r *rawCPU) spec() *pmd.Spec {
	return &pmd.Spec{
		Reserved:        r.Reserved.CoreSpec,
		PMD:             r.PMD.CoreSpec,
		Guests:          r.Guests.Set,
		Assign:          r.Assign,
		Isolate:         isolates(r.Isolate, r.Assign),
		SleepMax:        time.Duration(r.SleepMax),
		TxFlushInterval: time.Duration(r.TxFlushInterval),
		Rebalance: pmd.RebalanceSpec{
			Mode:      r.Rebalance.Mode,
			BusyAbove: float64(r.Rebalance.BusyAbove),
			GainAbove: float64(r.Rebalance.GainAbove),
			Every:     time.Duration(r.Rebalance.Every),
		},
		Lookup: pmd.LookupSpec{
			EMCInverseProbability: r.Lookup.EMCInverseProbability,
			SMC:                   r.Lookup.SMC,
			Tune:                  r.Lookup.Tune,
		},
	}
}

// isolates resolves cpu.isolate: OVS takes false with algorithm group alone.
func isolates(written *bool, assign pmd.Assign) bool {
	if written != nil {
		return *written
	}
	return assign != pmd.Group
}

func (r *rawDPDK) spec() *dpdk.Spec {
	pages := uint64(2048)
	if r.Memory.Hugepages.Size == "1G" {
		pages = 1 << 20
	}
	return &dpdk.Spec{
		Init: r.Init,
		Memory: dpdk.MemorySpec{
			Model:       r.Memory.Model,
			Sockets:     r.Memory.Sockets,
			Limits:      r.Memory.Limits,
			Headroom:    r.Memory.Headroom,
			HugepageKiB: pages,
			Allocate:    r.Memory.Hugepages.Allocate,
		},
		LCores:      r.LCores.Set,
		TSO:         r.TSO,
		Extra:       texts[string](r.Extra),
		PerfMetrics: r.PerfMetrics,
	}
}

func (r *rawBridge) spec(at, integration string) dpdk.BridgeSpec {
	b := dpdk.BridgeSpec{Path: at, Name: string(r.Name), FailMode: r.FailMode, MTU: r.MTU}
	if b.FailMode == "" {
		b.FailMode = dpdk.Standalone
		if b.Name == integration {
			b.FailMode = dpdk.Secure
		}
	}
	for _, a := range r.Addresses {
		b.Addresses = append(b.Addresses, a.Prefix)
	}
	for _, route := range r.Routes {
		b.Routes = append(b.Routes, host.Route{To: route.To.Prefix, Via: route.Via.Addr})
	}
	for i, p := range r.Ports {
		b.Ports = append(b.Ports, p.spec(fmt.Sprintf("%s.ports[%d]", at, i)))
	}
	for i, bond := range r.Bonds {
		b.Bonds = append(b.Bonds, dpdk.BondSpec{
			Path:      fmt.Sprintf("%s.bonds[%d]", at, i),
			Name:      string(bond.Name),
			Mode:      bond.Mode,
			LACP:      bond.LACP,
			LACPFast:  bond.LACPFast,
			Members:   texts[string](bond.Members),
			VLAN:      bond.VLAN.spec(),
			RateLimit: bond.RateLimit.spec(),
		})
	}
	return b
}

func (r *rawPort) spec(at string) dpdk.PortSpec {
	p := dpdk.PortSpec{
		Path:         at,
		Name:         string(r.Name),
		Device:       r.Device.Device,
		Driver:       defaultDriver(r.Device.Device),
		AllowDefault: r.AllowDefaultRoute,
		RxQueues:     r.RxQueues,
		RxDesc:       r.RxDescriptors,
		TxDesc:       r.TxDescriptors,
		MTU:          r.MTU,
		FlowControl:  dpdk.FlowControl(r.FlowControl),
		LSCInterrupt: r.LSCInterrupt,
		VLAN:         r.VLAN.spec(),
		RateLimit:    r.RateLimit.spec(),
	}
	if r.Driver != nil {
		p.Driver = string(*r.Driver)
	}
	for _, pin := range r.RxAffinity {
		p.RxAffinity = append(p.RxAffinity, dpdk.QueuePin(pin))
	}
	return p
}

// defaultDriver is vfio-pci for a device that can be bound.
func defaultDriver(d dpdk.Device) string {
	if d.PCI == "" {
		return ""
	}
	return "vfio-pci"
}

// vhost joins dpdk.vhost and vhost.ports; nil when the file has neither.
func (r *rawProfile) vhost() *vhost.Spec {
	if r.VHost == nil && (r.DPDK == nil || r.DPDK.VHost == nil) {
		return nil
	}
	common := rawDPDKVHost{SocketDir: defaultSocketDir}
	spec := &vhost.Spec{}
	if r.DPDK != nil {
		if r.DPDK.VHost != nil {
			common = *r.DPDK.VHost
		}
		spec.IOMMU, spec.Postcopy = &common.IOMMU, &common.Postcopy
	}
	spec.SocketDir = string(common.SocketDir)
	if r.VHost == nil {
		return spec
	}
	for i, p := range r.VHost.Ports {
		spec.Ports = append(spec.Ports, p.spec(fmt.Sprintf("vhost.ports[%d]", i), spec.SocketDir))
	}
	return spec
}

func (r *rawVHostPort) spec(at, dir string) vhost.PortSpec {
	p := vhost.PortSpec{
		Path:        at,
		Name:        string(r.Name),
		Bridge:      string(r.Bridge),
		Queues:      r.Queues,
		MTU:         r.MTU,
		MAC:         string(r.MAC),
		LogicalPort: string(r.LogicalPort),
		Socket:      string(r.Socket),
		Access:      vhost.Access{User: string(r.Access.User), Group: string(r.Access.Group), Mode: fs.FileMode(r.Access.Mode)},
		TxRetries:   r.TxRetries,
		VLAN:        r.VLAN.spec(),
		RateLimit:   r.RateLimit.spec(),
	}
	if p.Socket == "" {
		p.Socket = defaultSocket(dir, p.Name)
	}
	return p
}

func (r *rawOverlay) spec(p *Profile) *logical.Overlay {
	o := &logical.Overlay{
		Bridge:      string(r.Bridge),
		Integration: string(r.Integration),
		Role:        r.Role,
		Mode:        r.Mode,
		Redirect:    r.Redirect,
		UDPPort:     uint16(r.UDPPort),
		OptionClass: uint16(r.OptionClass),
		Csum:        r.Csum,
		BFD:         logical.BFD{MinRx: time.Duration(r.BFD.MinRx), MinTx: time.Duration(r.BFD.MinTx), Multiplier: r.BFD.Multiplier},
	}
	if r.Address != nil {
		o.Address = r.Address.Addr
	} else if b, found := p.bridge(o.Bridge); found && len(b.Addresses) > 0 {
		o.Address = b.Addresses[0].Addr()
	}
	for _, n := range r.Provider {
		o.Provider = append(o.Provider, logical.ProviderNetwork{Network: string(n.Network), Bridge: string(n.Bridge)})
	}
	return o
}

func (r *rawIPFIX) spec() *ipfix.Spec {
	return &ipfix.Spec{
		Mode:      r.Mode,
		Sampling:  r.Sampling,
		Listen:    netip.AddrPort(r.Listen.AddrPort),
		ExportTo:  texts[string](r.ExportTo),
		Bridges:   texts[string](r.Bridges),
		MaxSeries: r.MaxSeries,
	}
}

// bridge returns the bridge of this name.
func (p *Profile) bridge(name string) (dpdk.BridgeSpec, bool) {
	for _, b := range p.Bridges {
		if b.Name == name && name != "" {
			return b, true
		}
	}
	return dpdk.BridgeSpec{}, false
}

// texts converts between kinds of text; nil stays nil.
func texts[To, From ~string](from []From) []To {
	var to []To
	for _, s := range from {
		to = append(to, To(s))
	}
	return to
}
