package plan

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// ipfix describes the exporters of the bridges that are named. A profile has one
// section: those that sample and send alike are named together, the largest group of
// them, and the others stay.
func (d *describer) ipfix() {
	var groups []*ipfix.Spec
	for _, r := range d.o.Rows {
		switch {
		case r.Table == vswitch.CollectorSetTable:
			d.because(r.ID, "for sample() of flows; a profile has words only for its own set, %d of the integration bridge, which mode ports makes", ipfix.CollectorSet)
		case r.Table == vswitch.IPFIXTable && slices.ContainsFunc(d.profile.Bridges, func(b dpdk.BridgeSpec) bool { return b.Name == r.Parent.Name }):
			if s := d.exporter(r); s != nil {
				groups = grouped(groups, s)
			}
		}
	}
	if len(groups) == 0 {
		return
	}
	d.profile.IPFIX = slices.MaxFunc(groups, func(a, b *ipfix.Spec) int { return len(a.Bridges) - len(b.Bridges) })
	for _, s := range groups {
		for _, bridge := range s.Bridges {
			if s != d.profile.IPFIX {
				d.because(vswitch.ID{Table: vswitch.IPFIXTable, Name: bridge}, "it samples or sends otherwise than %s, and a profile has one section for all", d.profile.IPFIX.Bridges[0])
			}
		}
	}
}

// grouped adds a bridge to those that export alike.
func grouped(groups []*ipfix.Spec, s *ipfix.Spec) []*ipfix.Spec {
	for _, g := range groups {
		if g.Sampling == s.Sampling && g.Listen == s.Listen && slices.Equal(g.ExportTo, s.ExportTo) && g.CacheTimeout == s.CacheTimeout && g.CacheFlows == s.CacheFlows {
			g.Bridges = append(g.Bridges, s.Bridges...)
			return groups
		}
	}
	return append(groups, s)
}

// exporter puts a bridge's exporter into the words of a profile; nil where there are
// none, and because says why.
func (d *describer) exporter(r vswitch.ObservedRow) *ipfix.Spec {
	s := defaults().IPFIX
	s.Mode, s.Bridges, s.Listen = ipfix.ModeBridge, []string{r.Parent.Name}, netip.AddrPort{}
	for target := range strings.SplitSeq(r.Settings["targets"], ",") {
		at, err := netip.ParseAddrPort(target)
		if err == nil && at.Addr().IsLoopback() && !s.Listen.IsValid() {
			s.Listen = at
		} else {
			s.ExportTo = append(s.ExportTo, target)
		}
	}
	if !s.Listen.IsValid() {
		d.because(r.ID, "it sends to %s, and a profile would have it send to a collector on loopback too, monitor.ipfix.listen", r.Settings["targets"])
		return nil
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(d.meaning(r, name)) // an integer by the schema
		return n
	}
	s.Sampling, s.CacheFlows, s.CacheTimeout = number("sampling"), number("cache_max_flows"), time.Duration(number("cache_active_timeout"))*time.Second
	return s
}

// ipfixRest tells what naming exporters means beyond their rows.
func (d *describer) ipfixRest() {
	if s := d.profile.IPFIX; s != nil {
		d.leave("who collects at %s: as soon as nobody does, the daemon will", s.Listen)
	}
}

var ipfixPlace = regexp.MustCompile(`^monitor\.ipfix\.bridges\[(\d+)\]`)

// dropIPFIX takes out the bridge that stands at a place of the section, or all of it.
func (j *judgement) dropIPFIX(path, why string) {
	s := j.profile.IPFIX
	from, to := 0, len(s.Bridges)
	if m := ipfixPlace.FindStringSubmatch(path); m != nil {
		from, _ = strconv.Atoi(m[1])
		to = from + 1
	}
	for _, bridge := range s.Bridges[from:to] {
		j.because(vswitch.ID{Table: vswitch.IPFIXTable, Name: bridge}, "%s", why)
	}
	j.some = true
	if s.Bridges = slices.Delete(s.Bridges, from, to); len(s.Bridges) == 0 {
		j.profile.IPFIX = nil
	}
}
