package dpdk

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// eal writes the dpdk section into the words of other_config.
func (p *planner) eal() {
	if p.Spec == nil {
		return
	}
	s := vswitch.Settings{keyPerf: strconv.FormatBool(p.Spec.PerfMetrics)}
	s.Set(keyInit, string(p.Spec.Init))
	p.plan.Settings = s
	if p.Spec.Init == InitFalse {
		return // nothing else is read
	}
	s[keyTSO] = strconv.FormatBool(p.Spec.TSO)
	s[keyPerPort] = strconv.FormatBool(p.Spec.Memory.Model == PerPort)
	s.Set(keyExtra, strings.Join(p.Spec.Extra, " "))
	if !p.Spec.LCores.IsEmpty() {
		s[keyLCores] = p.Spec.LCores.Mask()
	}
	p.socketSettings(s)
	p.probe(s)
	p.checkEAL()
}

// socketSettings writes socket memory and its limit, a value for each node;
// what is none is left to OVS.
func (p *planner) socketSettings(s vswitch.Settings) {
	if len(p.socketMem) == 0 {
		return
	}
	var mem, limit []string
	for node, mib := range p.socketMem {
		mem = append(mem, strconv.FormatUint(mib, 10))
		limit = append(limit, strconv.FormatUint(p.limit(node, mib), 10))
	}
	if m := p.Spec.Memory; m.Sockets == nil || len(m.Sockets) > 0 {
		s[keySocketMem] = strings.Join(mem, ",")
	}
	if m := p.Spec.Memory; m.Limits == nil || len(m.Limits) > 0 {
		s[keySocketLimit] = strings.Join(limit, ",")
	}
}

// probe has DPDK look at all devices at its start where a port is named by MAC:
// OVS 4.0 stopped doing so.
func (p *planner) probe(s vswitch.Settings) {
	if p.before("4.0") {
		return
	}
	p.physicalPorts(func(port PortSpec, _ device) {
		if port.Device.MAC == "" {
			return
		}
		s[keyProbe] = "true"
		p.report(finding.Info, "mac-needs-probe", port.Path+".device",
			fmt.Sprintf("%s is named by MAC: from OVS 4.0 on that needs dpdk-probe-at-init=true, which the plan sets", port.Name),
			"DPDK takes hold of every device bound to it when OVS starts", "name the device by its PCI address")
	})
}

// checkEAL judges options that EAL or OVS would refuse, or that cost packets.
func (p *planner) checkEAL() {
	if both := p.Spec.LCores.Intersect(p.PMDs); !both.IsEmpty() {
		p.report(finding.Warning, "lcores-overlap-pmd", "dpdk.lcores",
			fmt.Sprintf("dpdk.lcores (%s) holds PMD cores: %s", p.Spec.LCores, both),
			"with lcores set, all threads of OVS but the PMDs run on the first of them: a PMD there starves LACP, BFD and upcalls",
			"set lcores: auto, or leave out "+both.String())
	}
	if p.Spec.TSO && p.Tunnels && p.before("3.3") {
		p.report(finding.Error, "tso-with-tunnels", "dpdk.tso",
			fmt.Sprintf("%s cannot send TSO packets through tunnels", p.release()),
			"every such packet from a guest is dropped (netdev_push_header_drops)", "set tso: false, or run OVS 3.3 or newer")
	}
	var allow, block bool
	for _, word := range p.extraWords() {
		option, _, _ := strings.Cut(word, "=")
		switch option {
		case "-a", "--allow":
			allow = true
		case "-b", "--block":
			block = true
		case "--socket-mem", "--socket-limit", "-l", "-c", "--lcores":
			p.report(finding.Warning, "extra-wins", "dpdk.extra",
				fmt.Sprintf("%s in dpdk.extra wins over what the profile says elsewhere", option),
				"what the plan says of memory or cores does not hold", "use dpdk.memory.sockets and dpdk.lcores")
		}
	}
	if allow && block {
		p.report(finding.Error, "extra-contradicts", "dpdk.extra",
			"dpdk.extra allows devices (-a) and blocks devices (-b)", "EAL does not start", "use one of the two")
	}
}
