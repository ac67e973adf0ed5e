package openflow

import (
	"fmt"
	"net/netip"
	"strings"
)

// String is the actions as ovs-ofctl prints them (lib/ofp-actions.c,
// ofpacts_format, OVS 3.1). What this package does not know is printed as
// raw(0x…).
func (a Actions) String() string { return listText(a.List()) }

// String is the instructions as ovs-ofctl prints them.
func (i Instructions) String() string { return listText(i.List()) }

func listText(list []Action) string {
	if len(list) == 0 {
		return "drop"
	}
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = actionText(a)
	}
	return strings.Join(texts, ",")
}

func actionText(a Action) string {
	switch a := a.(type) {
	case Output:
		return a.text()
	case OutputField:
		return "output:" + a.Source.String()
	case Group:
		return fmt.Sprintf("group:%d", a.ID)
	case SetField:
		return "set_field:" + a.Value.text() + "->" + a.Value.field.String()
	case Move:
		return "move:" + a.From.String() + "->" + a.To.String()
	case DecTTL:
		return "dec_ttl"
	case PushVLAN:
		return fmt.Sprintf("push_vlan:0x%x", a.Type)
	case PopVLAN:
		return "pop_vlan"
	case SetQueue:
		return fmt.Sprintf("set_queue:%d", a.ID)
	case Meter:
		return fmt.Sprintf("meter:%d", a.ID)
	case Goto:
		return fmt.Sprintf("goto_table:%d", a.Table)
	case WriteMetadata:
		return a.text()
	case WriteActions:
		return "write_actions(" + listText(a.Actions) + ")"
	case ClearActions:
		return "clear_actions"
	case Raw:
		return fmt.Sprintf("raw(0x%x)", a.Bytes)
	default:
		return extensionText(a)
	}
}

// extensionText prints Nicira's actions.
func extensionText(a Action) string {
	switch a := a.(type) {
	case Resubmit:
		return a.text()
	case Controller:
		return a.text()
	case CT:
		return a.text()
	case NAT:
		return a.text()
	case Learn:
		return a.text()
	case BundlePorts:
		return a.text()
	case Sample:
		return a.text()
	case CTClear:
		return "ct_clear"
	case Exit:
		return "exit"
	case CheckPktLarger:
		return fmt.Sprintf("check_pkt_larger(%d)->%s", a.Len, a.To)
	case Clone:
		return "clone(" + listText(a.Actions) + ")"
	case Note:
		return "note:" + dots(a.Text)
	case Conjunction:
		return fmt.Sprintf("conjunction(%d,%d/%d)", a.ID, a.Clause, a.Clauses)
	default:
		return fmt.Sprintf("%T", a)
	}
}

func (a Output) text() string {
	switch {
	case a.Port == PortController:
		return fmt.Sprintf("CONTROLLER:%d", a.MaxLen)
	case a.Port < 0xff00:
		return "output:" + a.Port.String()
	default:
		return a.Port.String()
	}
}

func (a WriteMetadata) text() string {
	s := "write_metadata:" + hexC(a.Value)
	if a.Mask != ^uint64(0) {
		s += "/" + hexC(a.Mask)
	}
	return s
}

func (a Resubmit) text() string {
	port, ct := "", ""
	if a.Port != 0 {
		port = a.Port.String()
	}
	if a.CT {
		ct = ",ct"
	}
	if a.Table == noTable && a.Port != 0 {
		return "resubmit:" + port
	}
	return fmt.Sprintf("resubmit(%s,%d%s)", port, a.Table, ct)
}

func (a Controller) text() string {
	maxLen := a.MaxLen
	if maxLen == 0 {
		maxLen = 0xffff
	}
	if a.Reason == 0 && a.ID == 0 && a.Userdata == "" && !a.Pause && a.Meter == 0 {
		return fmt.Sprintf("CONTROLLER:%d", maxLen)
	}
	var p printer
	if a.Reason != 0 {
		p.f("reason=%s,", a.Reason)
	}
	if maxLen != 0xffff {
		p.f("max_len=%d,", maxLen)
	}
	if a.ID != 0 {
		p.f("id=%d,", a.ID)
	}
	if a.Userdata != "" {
		p.f("userdata=%s,", dots(a.Userdata))
	}
	if a.Pause {
		p.f("pause,")
	}
	if a.Meter != 0 {
		p.f("meter_id=%d,", a.Meter)
	}
	return "controller(" + chomp(p.String()) + ")"
}

func (a CT) text() string {
	var p printer
	if a.Commit {
		p.f("commit,")
	}
	if a.Force {
		p.f("force,")
	}
	if a.Recirculate {
		p.f("table=%d,", a.Table)
	}
	if a.ZoneField != nil {
		p.f("zone=%s,", a.ZoneField)
	} else if a.Zone != 0 {
		p.f("zone=%d,", a.Zone)
	}
	if a.NAT != nil {
		p.f("%s,", a.NAT.text())
	}
	if len(a.Exec) > 0 {
		p.f("exec(%s),", listText(a.Exec))
	}
	switch a.ALG {
	case 0:
	case 21:
		p.f("alg=ftp,")
	case 69:
		p.f("alg=tftp,")
	default:
		p.f("alg=%d,", a.ALG)
	}
	return "ct(" + chomp(p.String()) + ")"
}

func (a NAT) text() string {
	if !a.Src && !a.Dst {
		return "nat"
	}
	var p printer
	p.f("dst")
	if a.Src {
		p.Reset()
		p.f("src")
	}
	if a.First.IsValid() || a.FirstPort != 0 {
		p.f("=%s", a.rangeText())
	}
	p.f(",")
	if a.Persistent {
		p.f("persistent,")
	}
	if a.Hash {
		p.f("hash,")
	}
	if a.Random {
		p.f("random,")
	}
	return "nat(" + chomp(p.String()) + ")"
}

func (a NAT) rangeText() string {
	end := func(x netip.Addr) string {
		if x.Is6() && a.FirstPort != 0 {
			return "[" + x.String() + "]"
		}
		return x.String()
	}
	var p printer
	if a.First.IsValid() {
		p.f("%s", end(a.First))
		if a.Last.IsValid() && a.Last != a.First {
			p.f("-%s", end(a.Last))
		}
	}
	if a.FirstPort != 0 {
		p.f(":%d", a.FirstPort)
		if a.LastPort != 0 && a.LastPort != a.FirstPort {
			p.f("-%d", a.LastPort)
		}
	}
	return p.String()
}

func (a Sample) text() string {
	var p printer
	p.f("sample(probability=%d,collector_set_id=%d,obs_domain_id=%d,obs_point_id=%d",
		a.Probability, a.CollectorSet, a.Domain, a.Point)
	if a.Port != 0 {
		p.f(",sampling_port=%s", a.Port)
	}
	switch a.Direction {
	case DirectionIngress:
		p.f(",ingress")
	case DirectionEgress:
		p.f(",egress")
	case DirectionAny:
	}
	p.f(")")
	return p.String()
}

// text prints as lib/bundle.c, bundle_format.
func (a BundlePorts) text() string {
	names := []string{"eth_src", "symmetric_l4", "symmetric_l3l4", "symmetric_l3l4+udp", "nw_src", "nw_dst", "symmetric_l3"}
	action, fields, algorithm, to := "bundle", "<unknown>", "<unknown>", ""
	if int(a.Fields) < len(names) {
		fields = names[a.Fields]
	}
	switch a.Algorithm {
	case BundleActiveBackup:
		algorithm = "active_backup"
	case BundleHRW:
		algorithm = "hrw"
	}
	if a.To != nil {
		action, to = "bundle_load", a.To.String()+","
	}
	members := make([]string, len(a.Members))
	for i, m := range a.Members {
		members[i] = m.String()
	}
	return fmt.Sprintf("%s(%s,%d,%s,ofport,%smembers:%s)", action, fields, a.Basis, algorithm, to, strings.Join(members, ","))
}

// text prints as lib/learn.c, learn_format.
func (a Learn) text() string {
	var p printer
	p.f("learn(table=%d", a.Table)
	if a.IdleTimeout != 0 {
		p.f(",idle_timeout=%d", a.IdleTimeout)
	}
	if a.HardTimeout != 0 {
		p.f(",hard_timeout=%d", a.HardTimeout)
	}
	if a.Priority != DefaultPriority {
		p.f(",priority=%d", a.Priority)
	}
	if a.FlowRemoved {
		p.f(",send_flow_rem")
	}
	if a.DeleteLearned {
		p.f(",delete_learned")
	}
	if a.Cookie != 0 {
		p.f(",cookie=0x%x", a.Cookie)
	}
	for _, s := range a.Specs {
		p.f(",%s", s.text())
	}
	p.f(")")
	return p.String()
}

func (s LearnSpec) text() string {
	from := hex([]byte(s.Value))
	if s.From != nil {
		from = s.From.String()
	}
	switch s.Kind {
	case LearnLoad:
		return "load:" + from + "->" + s.To.String()
	case LearnOutput:
		return "output:" + from
	case LearnMatch:
	}
	switch {
	case s.From != nil && s.From.Field == s.To.Field && s.From.Offset == s.To.Offset:
		return s.To.String()
	case s.From != nil:
		return s.To.String() + "=" + from
	case s.To.whole() && len(s.Value) <= maxValue:
		size := int(fields[s.To.Field].size)
		if s.To.Size != 0 {
			size = int(s.To.Size)
		}
		value := make([]byte, size)
		copy(value[max(0, size-len(s.Value)):], s.Value)
		return newValue(s.To.Field, value, allOnes[:]).String()
	default:
		return s.To.String() + "=" + from
	}
}
