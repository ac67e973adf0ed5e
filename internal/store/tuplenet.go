package store

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// ParseTupleNet makes a document of a dump of TupleNet's keys in etcd, and tells
// what of it has no place there. The dump is what `etcdctl get --prefix PREFIX`
// (v3) prints: a line with the key, then one with the value; or the same with
// --write-out=json. Keys and fields are those of TupleNet's schema version 1
// (PREFIX/entity_view/LS/<ls>/lsp/<port> = "ip=..,mac=..,peer=..,chassis=..").
// Guests keep the freedom to send from any address, as they had.
func ParseTupleNet(text []byte) (*Document, []string, error) {
	pairs, err := etcdPairs(text)
	if err != nil {
		return nil, nil, err
	}
	t := &tupleNet{doc: &Document{APIVersion: DocumentVersion, Kind: DocumentKind}, switches: map[string]*switchDoc{}, routers: map[string]*routerDoc{}}
	for _, p := range pairs {
		_, path, ours := strings.Cut(p.key, "/entity_view/")
		if !ours {
			continue
		}
		if !printable(p.key) || !printable(p.value) {
			return nil, nil, fmt.Errorf("key %q: control characters or no UTF-8 in the key or its value: is the dump damaged?", p.key)
		}
		if err := t.entity(strings.Split(path, "/"), fields(p.value)); err != nil {
			return nil, nil, fmt.Errorf("key %s: %w", p.key, err)
		}
	}
	if len(t.switches)+len(t.routers) == 0 {
		return nil, nil, fmt.Errorf("no key has /entity_view/LS/ or /entity_view/LR/ in it: is it a dump of `etcdctl get --prefix`?")
	}
	for _, s := range t.switches {
		t.doc.Switches = append(t.doc.Switches, *s)
	}
	for _, r := range t.routers {
		t.doc.Routers = append(t.doc.Routers, *r)
	}
	slices.SortFunc(t.doc.Switches, func(a, b switchDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(t.doc.Routers, func(a, b routerDoc) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(t.notes)
	return t.doc, t.notes, nil
}

type etcdPair struct{ key, value string }

func etcdPairs(text []byte) ([]etcdPair, error) {
	var pairs []etcdPair
	if trimmed := strings.TrimSpace(string(text)); strings.HasPrefix(trimmed, "{") {
		var dump struct {
			KVs []struct {
				Key   []byte `json:"key"`
				Value []byte `json:"value"`
			} `json:"kvs"`
		}
		if err := json.Unmarshal([]byte(trimmed), &dump); err != nil {
			return nil, fmt.Errorf("dump as JSON: %w", err)
		}
		for _, kv := range dump.KVs {
			pairs = append(pairs, etcdPair{string(kv.Key), string(kv.Value)})
		}
		return pairs, nil
	}
	lines := strings.Split(string(text), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		pairs = append(pairs, etcdPair{strings.TrimSpace(lines[i]), strings.TrimSpace(lines[i+1])})
	}
	return pairs, nil
}

// printable tells whether text is UTF-8 without control characters, as every name
// and value of TupleNet's is.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// fields cuts "ip=10.0.0.1,mac=..." at its commas.
func fields(value string) map[string]string {
	m := map[string]string{}
	for _, word := range strings.Split(value, ",") {
		if k, v, ok := strings.Cut(word, "="); ok {
			m[strings.TrimSpace(k)] = strings.TrimSpace(v)
		}
	}
	return m
}

// tupleNet is a dump on its way into a document.
type tupleNet struct {
	doc      *Document
	switches map[string]*switchDoc
	routers  map[string]*routerDoc
	notes    []string
}

func (t *tupleNet) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *tupleNet) entity(path []string, f map[string]string) error {
	switch {
	case len(path) == 2 && path[0] == "LS":
		t.sw(path[1])
	case len(path) == 4 && path[0] == "LS" && path[2] == "lsp":
		return t.port(t.sw(path[1]), path[3], f)
	case len(path) == 2 && path[0] == "LR":
		if r := t.router(path[1]); f["chassis"] != "" {
			r.Hosts = []string{f["chassis"]}
		}
	case len(path) == 4 && path[0] == "LR":
		return t.belongs(t.router(path[1]), path[2], path[3], f)
	case len(path) == 2 && path[0] == "chassis":
		t.note("chassis %s is left out: hosts register themselves", path[1])
	default:
		t.note("%s is left out: it is nothing that TupleNet writes", strings.Join(path, "/"))
	}
	return nil
}

func (t *tupleNet) sw(name string) *switchDoc {
	if t.switches[name] == nil {
		t.switches[name] = &switchDoc{Name: name}
	}
	return t.switches[name]
}

func (t *tupleNet) router(name string) *routerDoc {
	if t.routers[name] == nil {
		t.routers[name] = &routerDoc{Name: name}
	}
	return t.routers[name]
}

func (t *tupleNet) port(s *switchDoc, name string, f map[string]string) error {
	a, err := netip.ParseAddr(f["ip"])
	if err != nil {
		return fmt.Errorf("ip: %w", err)
	}
	mac, err := logical.ParseMAC(f["mac"])
	if err != nil {
		return fmt.Errorf("mac: %w", err)
	}
	p := portDoc{Name: name}
	switch {
	case (a == logical.OutsideAddress || mac == logical.OutsideMAC) && f["chassis"] != "" && f["peer"] != "":
		p.Kind, p.Host, p.Bridge = logical.PortOutside, f["chassis"], f["peer"]
	case a == logical.OutsideAddress || mac == logical.OutsideMAC:
		// Made by hand: it is wherever its iface-id is.
		p.Kind = logical.PortUnknown
		t.note("patch port %s of switch %s names no chassis and bridge: it becomes a port of kind unknown, found by its iface-id", name, s.Name)
	case f["peer"] != "":
		p.Kind, p.Peer, p.MAC, p.Addresses = logical.PortRouter, f["peer"], mac, []netip.Addr{a}
	default:
		p.MAC, p.Addresses, p.Security = mac, []netip.Addr{a}, new(bool)
	}
	s.Ports = append(s.Ports, p)
	return nil
}

func (t *tupleNet) belongs(r *routerDoc, kind, name string, f map[string]string) error {
	of, err := netip.ParsePrefix(f["ip"] + "/" + f["prefix"])
	if err != nil {
		return err
	}
	switch kind {
	case "lrp":
		mac, err := logical.ParseMAC(f["mac"])
		if err != nil {
			return fmt.Errorf("mac: %w", err)
		}
		r.Ports = append(r.Ports, routerPortDoc{Name: name, Networks: []netip.Prefix{of}, MAC: mac, Peer: f["peer"]})
	case "lsr":
		hop, err := netip.ParseAddr(f["next_hop"])
		if err != nil {
			return fmt.Errorf("next_hop: %w", err)
		}
		r.Routes = append(r.Routes, routeDoc{Name: name, Prefix: of.Masked(), NextHop: hop, OutPort: f["outport"]})
	case "lnat":
		to, err := netip.ParseAddr(f["xlate_ip"])
		if err != nil {
			return fmt.Errorf("xlate_ip: %w", err)
		}
		n := natDoc{Name: name, Kind: logical.NATKind(f["xlate_type"]), External: to, Logical: of.Masked()}
		if n.Kind == logical.NATDestination {
			n.External, n.Logical = of.Addr(), netip.PrefixFrom(to, to.BitLen())
		}
		r.NAT = append(r.NAT, n)
	default:
		t.note("%s %s of router %s is left out: it is nothing that TupleNet writes", kind, name, r.Name)
	}
	return nil
}
