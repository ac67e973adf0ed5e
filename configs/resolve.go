package configs

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
	"github.com/sluice-nfv/sluice/pmd"
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
		p.IPFIX = r.Monitor.IPFIX.spec(r.Overlay != nil)
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

func (r *rawIPFIX) spec(overlay bool) *ipfix.Spec {
	mode := ipfix.ModeOff
	switch {
	case r.Mode != nil:
		mode = *r.Mode
	case overlay: // the cheapest that counts every logical port, see docs/ipfix.md
		mode = ipfix.ModePorts
	}
	return &ipfix.Spec{
		Mode:      mode,
		Sampling:  r.Sampling,
		Listen:    netip.AddrPort(r.Listen.AddrPort),
		ExportTo:  texts[string](r.ExportTo),
		Bridges:   texts[string](r.Bridges),
		MaxSeries: r.MaxSeries,

		CacheTimeout: time.Duration(r.CacheTimeout), CacheFlows: r.CacheFlows,
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
