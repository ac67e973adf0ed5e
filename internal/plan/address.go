package plan

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// A bridge's row remembers the addresses and routes that a profile gave its
// internal port, so that the next profile can take them away again. An address is
// remembered before it is added and until it is removed: a daemon that dies in
// between finds the rest to do.
const (
	addressesKey = vswitch.NotePrefix + "addresses" // prefixes, separated by blanks
	routesKey    = vswitch.NotePrefix + "routes"    // "to,via", separated by blanks
)

// Keys of the bridge row that package plan itself writes.
func addressKeys() []vswitch.Key {
	return []vswitch.Key{
		{Table: vswitch.BridgeTable, Name: addressesKey, Class: vswitch.Live},
		{Table: vswitch.BridgeTable, Name: routesKey, Class: vswitch.Live},
	}
}

// addresses plans a bridge's kernel addresses and remembers them in its row.
func (m *maker) addresses(a host.SetAddresses) {
	id := vswitch.ID{Table: vswitch.BridgeTable, Name: a.Device}
	m.setAddresses(id, a)
}

// droppedAddresses takes away what an earlier profile put on bridges that stay
// and that this one gives no address at all.
func (m *maker) droppedAddresses() {
	for _, was := range m.in.Observed.Rows {
		r, stays := m.rows[was.ID]
		remembered := remembers(was, addressesKey) + remembers(was, routesKey)
		if was.Table == vswitch.BridgeTable && stays && remembered != "" && r.Settings[addressesKey] == "" {
			m.setAddresses(was.ID, host.SetAddresses{Device: was.Name})
		}
	}
}

// setAddresses makes the addresses of a bridge so, less what it remembers from
// an earlier profile. The row goes on remembering until the address is gone.
func (m *maker) setAddresses(id vswitch.ID, a host.SetAddresses) {
	was, _ := m.in.Observed.Row(id)
	a.Remove = gone(parsePrefixes(remembers(was, addressesKey)), a.Addresses)
	a.RemoveRoutes = gone(parseRoutes(remembers(was, routesKey)), a.Routes)
	addresses, routes := a.Addresses, a.Routes
	if m.in.Satisfied != nil && !m.in.Satisfied(a) {
		addresses, routes = slices.Concat(addresses, a.Remove), slices.Concat(routes, a.RemoveRoutes)
	}
	if r, ok := m.rows[id]; ok {
		r.Settings.Set(addressesKey, prefixesText(addresses))
		r.Settings.Set(routesKey, routesText(routes))
	}
	m.after = append(m.after, a)
}

// remembers returns what a row remembers, if we wrote it: what is no longer
// marked as ours was given back with the addresses.
func remembers(was vswitch.ObservedRow, key string) string {
	if !was.Mark.Owns(key) {
		return ""
	}
	return was.Settings[key]
}

func gone[T comparable](was, is []T) []T {
	return slices.DeleteFunc(was, func(v T) bool { return slices.Contains(is, v) })
}

func prefixesText(ps []netip.Prefix) string {
	words := make([]string, len(ps))
	for i, p := range ps {
		words[i] = p.String()
	}
	return strings.Join(words, " ")
}

func routesText(rs []host.Route) string {
	words := make([]string, len(rs))
	for i, r := range rs {
		words[i] = r.To.String() + "," + r.Via.String()
	}
	return strings.Join(words, " ")
}

// parsePrefixes reads what prefixesText wrote; words somebody else put there
// are passed over: they are not ours to remove.
func parsePrefixes(text string) []netip.Prefix {
	var ps []netip.Prefix
	for word := range strings.FieldsSeq(text) {
		if p, err := netip.ParsePrefix(word); err == nil {
			ps = append(ps, p)
		}
	}
	return ps
}

func parseRoutes(text string) []host.Route {
	var rs []host.Route
	for word := range strings.FieldsSeq(text) {
		to, via, _ := strings.Cut(word, ",")
		prefix, err1 := netip.ParsePrefix(to)
		addr, err2 := netip.ParseAddr(via)
		if err1 == nil && err2 == nil {
			rs = append(rs, host.Route{To: prefix, Via: addr})
		}
	}
	return rs
}
