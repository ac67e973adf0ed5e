package agent

import (
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// policer is the QoS of one interface: that of its port, and every member of a
// bond has one of its own (vswitchd/bridge.c, iface_configure_qos).
type policer struct {
	iface string
	port  string
	asked vswitch.Settings // of the QoS row, as it is in the database
	runs  *appctl.QoS      // as the device says; nil = not asked yet, or it did not tell
}

// wantedPolicers are those of the wanted rows that stand in the database so, on
// interfaces that OVS has taken.
func wantedPolicers(want vswitch.Desired, o vswitch.Observed, m meanings) []policer {
	asked := map[vswitch.ID]vswitch.Settings{} // by port
	for _, r := range want.Rows {
		if is, ok := o.Row(r.ID); r.Table == vswitch.QoSTable && ok && is.Parent == r.Parent && m.written(r, is.Settings) {
			asked[r.Parent] = is.Settings
		}
	}
	if len(asked) == 0 {
		return nil
	}
	var policers []policer
	for _, r := range want.Rows {
		is, ok := o.Row(r.ID)
		if settings, limited := asked[r.Parent]; limited && r.Table == vswitch.IfaceTable && ok && taken(is) {
			policers = append(policers, policer{iface: r.Name, port: r.Parent.Name, asked: settings})
		}
	}
	return policers
}

// policerOf is the QoS of one interface of DPDK as the database has it, whoever
// set it; the kernel's own kinds round their numbers.
func policerOf(is vswitch.ObservedRow, o vswitch.Observed) []policer {
	qos, ok := o.Row(vswitch.ID{Table: vswitch.QoSTable, Name: is.Parent.Name})
	if !ok || qos.Parent != is.Parent || qos.Settings["type"] == "" || !taken(is) || !ofDPDK(is.Settings) {
		return nil
	}
	return []policer{{iface: is.Name, port: is.Parent.Name, asked: qos.Settings}}
}

// taken tells whether OVS has opened an interface and put it into its bridge.
func taken(is vswitch.ObservedRow) bool {
	return is.Status != nil && is.Status.Error == "" && is.Status.OFPort != nil && *is.Status.OFPort >= 0
}

// shortfall says what the device does not do of the QoS that the database asks
// for. OVS only logs why: "Failed to set QoS type egress-policer on port p0:
// Invalid argument" (lib/netdev-dpdk.c, netdev_dpdk_set_qos).
func (p policer) shortfall() (shortfall, bool) {
	typ := p.asked["type"]
	s := shortfall{
		look: fmt.Sprintf("see why in ovs-vswitchd's log (search for %q)", "Failed to set QoS"),
		do:   "change rateLimit.egress in the profile, or take it out", byHand: fmt.Sprintf("`ovs-vsctl clear Port %s qos` takes it off", p.port),
	}
	switch {
	case p.runs.Type == "":
		s.what = fmt.Sprintf("port %s: no limit is in force on what leaves by it: OVS refused the QoS %s", p.iface, p.words(p.asked.Names(), false))
		return s, true
	case p.runs.Type != typ:
		s.what = fmt.Sprintf("port %s: asked for the QoS %s, runs with %s: OVS refused it", p.iface, typ, p.runs.Type)
		return s, true
	}
	number := vswitch.Key{Kind: vswitch.Number}
	var differ []string
	for _, name := range p.asked.Names() {
		if text, known := p.runs.Details[strings.TrimPrefix(name, "other_config:")]; known && number.Meaning(text, "") != number.Meaning(p.asked[name], "") {
			differ = append(differ, name)
		}
	}
	if len(differ) == 0 {
		return s, false
	}
	s.what = fmt.Sprintf("port %s: asked for the QoS %s, runs with %s", p.iface, p.words(differ, false), p.words(differ, true))
	return s, true
}

// words writes the QoS as ovs-vsctl does: "egress-policer cbs=64000 cir=125000000".
func (p policer) words(names []string, asTold bool) string {
	words := []string{p.asked["type"]}
	for _, name := range names {
		key, ok := strings.CutPrefix(name, "other_config:")
		if !ok {
			continue
		}
		text := p.asked[name]
		if asTold {
			text = p.runs.Details[key]
		}
		words = append(words, key+"="+text)
	}
	return strings.Join(words, " ")
}
