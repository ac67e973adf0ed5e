package configs

import (
	"bytes"
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// Render writes a profile as the YAML that Parse reads back to an equal one.
// What has its default is left out; each section that is not nil is there. Of
// bridges, ports and bonds the Path is ignored, except that an integration
// bridge which Parse added is left out again.
func Render(p *Profile) ([]byte, error) {
	raw := rawProfile{APIVersion: "sluice/v1", Kind: "HostProfile", Name: hostName(p.Name), Apply: rawApply{Disruptive: p.Disruptive}}
	if p.Disruptive == "" {
		raw.Apply.setDefaults()
	}
	if p.CPU != nil {
		raw.CPU = rawCPUOf(p.CPU)
	}
	if p.DPDK != nil {
		raw.DPDK = rawDPDKOf(p.DPDK, p.VHost)
	}
	for _, b := range p.Bridges {
		if b.Path != integrationPath {
			raw.Bridges = append(raw.Bridges, rawBridgeOf(b, p.Overlay))
		}
	}
	if p.VHost != nil && (len(p.VHost.Ports) > 0 || p.DPDK == nil) {
		raw.VHost = &rawVHost{}
		for _, port := range p.VHost.Ports {
			raw.VHost.Ports = append(raw.VHost.Ports, rawVHostPortOf(port, p.VHost.SocketDir))
		}
	}
	if p.Overlay != nil {
		raw.Overlay = rawOverlayOf(p.Overlay)
	}
	if p.IPFIX != nil {
		raw.Monitor = &rawMonitor{IPFIX: rawIPFIXOf(p.IPFIX)}
	}
	n, err := encode(reflect.ValueOf(raw))
	if err != nil {
		return nil, fmt.Errorf("render profile: %w", err)
	}
	n.Style = 0
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return nil, fmt.Errorf("render profile: %w", err)
	}
	return b.Bytes(), nil
}

func rawCPUOf(s *pmd.Spec) *rawCPU {
	r := &rawCPU{
		Reserved: cores{s.Reserved}, PMD: cores{s.PMD}, Guests: cpuList{s.Guests}, Assign: s.Assign,
		SleepMax: duration(s.SleepMax), TxFlushInterval: duration(s.TxFlushInterval),
		Rebalance: rawRebalance{
			Mode: s.Rebalance.Mode, BusyAbove: share(s.Rebalance.BusyAbove), GainAbove: share(s.Rebalance.GainAbove), Every: duration(s.Rebalance.Every),
		},
		Lookup: rawLookup(s.Lookup),
	}
	if s.Isolate != isolates(nil, s.Assign) {
		r.Isolate = &s.Isolate
	}
	return r
}

func rawDPDKOf(s *dpdk.Spec, v *vhost.Spec) *rawDPDK {
	size := "2M"
	if s.Memory.HugepageKiB == 1<<20 {
		size = "1G"
	}
	r := &rawDPDK{
		Init: s.Init, LCores: autoList{s.LCores}, TSO: s.TSO, Extra: texts[argument](s.Extra), PerfMetrics: s.PerfMetrics,
		Memory: rawMemory{
			Model: s.Memory.Model, Sockets: s.Memory.Sockets, Limits: s.Memory.Limits, Headroom: s.Memory.Headroom,
			Hugepages: rawHugepages{Size: size, Allocate: s.Memory.Allocate},
		},
	}
	if v != nil {
		r.VHost = &rawDPDKVHost{SocketDir: directory(v.SocketDir)}
		r.VHost.IOMMU = v.IOMMU != nil && *v.IOMMU
		r.VHost.Postcopy = v.Postcopy != nil && *v.Postcopy
	}
	return r
}

func rawBridgeOf(b dpdk.BridgeSpec, o *logical.Overlay) rawBridge {
	r := rawBridge{Name: kernelName(b.Name), MTU: b.MTU}
	usual := dpdk.Standalone
	if o != nil && o.Integration == b.Name {
		usual = dpdk.Secure
	}
	if b.FailMode != usual {
		r.FailMode = b.FailMode
	}
	for _, a := range b.Addresses {
		r.Addresses = append(r.Addresses, hostPrefix{a})
	}
	for _, route := range b.Routes {
		r.Routes = append(r.Routes, rawRoute{To: network{route.To}, Via: address{route.Via}})
	}
	for _, p := range b.Ports {
		r.Ports = append(r.Ports, rawPortOf(p))
	}
	for _, bond := range b.Bonds {
		r.Bonds = append(r.Bonds, rawBond{
			Name: portName(bond.Name), Mode: bond.Mode, LACP: bond.LACP, LACPFast: bond.LACPFast, Members: texts[portName](bond.Members),
			VLAN: vlanOf(bond.VLAN), RateLimit: rateLimitOf(bond.RateLimit),
		})
	}
	return r
}

func rawPortOf(p dpdk.PortSpec) rawPort {
	r := rawPort{
		Name: portName(p.Name), Device: rawDevice{p.Device}, AllowDefaultRoute: p.AllowDefault,
		RxQueues: p.RxQueues, RxDescriptors: p.RxDesc, TxDescriptors: p.TxDesc, MTU: p.MTU,
		FlowControl: rawFlowControl(p.FlowControl), LSCInterrupt: p.LSCInterrupt,
		VLAN: vlanOf(p.VLAN), RateLimit: rateLimitOf(p.RateLimit),
	}
	if p.Driver != defaultDriver(p.Device) {
		driver := label(p.Driver)
		r.Driver = &driver
	}
	for _, pin := range p.RxAffinity {
		r.RxAffinity = append(r.RxAffinity, rawPin(pin))
	}
	return r
}

func rawVHostPortOf(p vhost.PortSpec, dir string) rawVHostPort {
	r := rawVHostPort{
		Name: portName(p.Name), Bridge: kernelName(p.Bridge), Queues: p.Queues, MTU: p.MTU, MAC: macAddress(p.MAC),
		LogicalPort: label(p.LogicalPort), TxRetries: p.TxRetries,
		Access: rawAccess{User: label(p.Access.User), Group: label(p.Access.Group), Mode: fileMode(p.Access.Mode)},
		VLAN:   vlanOf(p.VLAN), RateLimit: rateLimitOf(p.RateLimit),
	}
	if p.Socket != defaultSocket(dir, p.Name) {
		r.Socket = socketPath(p.Socket)
	}
	return r
}

func rawOverlayOf(o *logical.Overlay) *rawOverlay {
	r := &rawOverlay{
		Encapsulation: "geneve", Bridge: optionalName(o.Bridge), Integration: kernelName(o.Integration), Address: &address{o.Address},
		Role: o.Role, Mode: o.Mode, Redirect: o.Redirect, UDPPort: int(o.UDPPort), OptionClass: optionClass(o.OptionClass), Csum: o.Csum,
		BFD: rawBFD{MinRx: duration(o.BFD.MinRx), MinTx: duration(o.BFD.MinTx), Multiplier: o.BFD.Multiplier},
	}
	for _, n := range o.Provider {
		r.Provider = append(r.Provider, rawProvider{Network: label(n.Network), Bridge: kernelName(n.Bridge)})
	}
	return r
}

func rawIPFIXOf(s *ipfix.Spec) *rawIPFIX {
	return &rawIPFIX{
		Mode: &s.Mode, Sampling: s.Sampling, Listen: endpoint{s.Listen}, ExportTo: texts[collector](s.ExportTo),
		Bridges: texts[kernelName](s.Bridges), MaxSeries: s.MaxSeries, CacheTimeout: duration(s.CacheTimeout), CacheFlows: s.CacheFlows,
	}
}
