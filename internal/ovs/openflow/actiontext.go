package openflow

import (
	"fmt"
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
