package store

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

func decodeGroup(id logical.UUID, r *reader) logical.Entity {
	return &logical.SecurityGroup{ID: logical.ID[logical.SecurityGroup](id), Name: r.text("name")}
}

func decodeAddressSet(id logical.UUID, r *reader) logical.Entity {
	return &logical.AddressSet{ID: logical.ID[logical.AddressSet](id), Name: r.text("name"), Prefixes: r.prefixes("prefixes")}
}

func comparePorts(a, b logical.PortRange) int {
	return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last))
}

func decodeRule(id logical.UUID, r *reader) logical.Entity {
	return &logical.SecurityRule{
		ID: logical.ID[logical.SecurityRule](id), Group: ref[logical.SecurityGroup](r, "group"), Direction: word[logical.Direction](r, "direction"),
		Priority: number[uint16](r, "priority"), Family: word[logical.Family](r, "family"), Protocol: r.word("protocol"),
		Ports: set(r, "ports", by(parsePorts), comparePorts), RemotePrefix: r.prefix("remote_prefix"),
		RemoteGroup: ref[logical.SecurityGroup](r, "remote_group"), RemoteSet: ref[logical.AddressSet](r, "remote_set"),
		Action: word[logical.RuleAction](r, "action"), Log: r.flag("log"),
	}
}

func encodeRule(v *logical.SecurityRule) row {
	return row{
		"group": refOf(v.Group), "direction": v.Direction, "priority": v.Priority, "family": v.Family, "protocol": v.Protocol,
		"ports":         setOf(v.Ports, func(p logical.PortRange) any { return formatPorts(p) }),
		"remote_prefix": prefixText(v.RemotePrefix), "remote_group": optional(v.RemoteGroup), "remote_set": optional(v.RemoteSet),
		"action": v.Action, "log": v.Log,
	}
}

func decodeBalancer(id logical.UUID, r *reader) logical.Entity {
	b := &logical.LoadBalancer{
		ID: logical.ID[logical.LoadBalancer](id), Name: r.text("name"), Router: ref[logical.Router](r, "router"), Switch: ref[logical.Switch](r, "switch"),
		Address: r.addr("address"), Port: number[uint16](r, "port"), Protocol: r.word("protocol"), Hash: word[logical.ECMPMode](r, "hash"),
	}
	if v := r.get("backends"); v != nil {
		r.fail("backends", v.pairs(func(k, w value) error {
			text, err := k.text()
			if err != nil {
				return err
			}
			at, err := netip.ParseAddrPort(text)
			if err != nil {
				return err
			}
			weight, err := w.integer(65535)
			b.Backends = append(b.Backends, logical.Backend{Address: at.Addr(), Port: at.Port(), Weight: uint16(weight)})
			return err
		}))
	}
	slices.SortFunc(b.Backends, func(x, y logical.Backend) int {
		return cmp.Or(x.Address.Compare(y.Address), cmp.Compare(x.Port, y.Port))
	})
	r.pairs("health", func(k, v string) error { return healthOption(&b.Health, k, v) })
	return b
}

func healthOption(h *logical.HealthCheck, key, text string) error {
	switch key {
	case "kind":
		h.Kind = text
	case "path":
		h.Path = text
	case "interval":
		d, err := time.ParseDuration(text)
		h.Interval = d
		return err
	case "failures":
		n, err := strconv.ParseUint(text, 10, 8)
		h.Failures = uint8(n)
		return err
	default:
		return fmt.Errorf("health option %.20q is none of kind, path, interval, failures", key)
	}
	return nil
}

func encodeBalancer(b *logical.LoadBalancer) row {
	pairs := make([]any, 0, len(b.Backends))
	for _, e := range b.Backends {
		pairs = append(pairs, []any{netip.AddrPortFrom(e.Address, e.Port).String(), e.Weight})
	}
	health := map[string]string{}
	if h := b.Health; h.Kind != "" {
		health = map[string]string{"kind": h.Kind, "interval": h.Interval.String(), "failures": strconv.Itoa(int(h.Failures)), "path": h.Path}
	}
	return row{
		"name": b.Name, "router": optional(b.Router), "switch": optional(b.Switch), "address": addrText(b.Address), "port": b.Port,
		"protocol": b.Protocol, "backends": []any{"map", pairs}, "hash": b.Hash, "health": mapOf(health),
	}
}

func decodePool(id logical.UUID, r *reader) logical.Entity {
	return &logical.Pool{
		ID: logical.ID[logical.Pool](id), Switch: ref[logical.Switch](r, "switch"), Name: r.text("name"), Prefix: r.prefix("prefix"),
		Gateway: r.addr("gateway"), Exclude: set(r, "exclude", by(parseRange), func(a, b logical.AddressRange) int {
			return cmp.Or(a.First.Compare(b.First), a.Last.Compare(b.Last))
		}),
	}
}

// parseRange reads "FIRST-LAST" or one address.
func parseRange(text string) (logical.AddressRange, error) {
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		last = first
	}
	a, err := netip.ParseAddr(first)
	if err != nil {
		return logical.AddressRange{}, err
	}
	b, err := netip.ParseAddr(last)
	return logical.AddressRange{First: a, Last: b}, err
}

func encodePool(p *logical.Pool) row {
	return row{
		"switch": refOf(p.Switch), "name": p.Name, "prefix": prefixText(p.Prefix), "gateway": addrText(p.Gateway),
		"exclude": setOf(p.Exclude, func(r logical.AddressRange) any { return r.First.String() + "-" + r.Last.String() }),
	}
}

func decodeMirror(id logical.UUID, r *reader) logical.Entity {
	return &logical.Mirror{
		ID: logical.ID[logical.Mirror](id), Name: r.text("name"), Port: ref[logical.SwitchPort](r, "port"),
		Switch: ref[logical.Switch](r, "switch"), Target: r.text("target"),
	}
}

func decodeMeter(id logical.UUID, r *reader) logical.Entity {
	return &logical.Meter{
		ID: logical.ID[logical.Meter](id), Name: r.text("name"), Rate: number[uint32](r, "rate"), Burst: number[uint32](r, "burst"), Unit: r.word("unit"),
	}
}

func decodeTrace(id logical.UUID, r *reader) logical.Entity {
	return &logical.Trace{
		ID: logical.ID[logical.Trace](id), TraceID: number[uint16](r, "trace_id"), Port: ref[logical.SwitchPort](r, "port"),
		Packet: read(r, "packet", by(hex.DecodeString)), Until: r.millis("until"),
	}
}

func encodeTrace(v *logical.Trace) row {
	return row{"trace_id": v.TraceID, "port": optional(v.Port), "packet": hex.EncodeToString(v.Packet), "until": millis(v.Until)}
}
