package configs

import (
	"fmt"
	"io/fs"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/vhost"
)

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
