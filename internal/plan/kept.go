package plan

import (
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// keep finds the settings that the database has in other words than the plan,
// or leaves to OVS's own default where that is what the plan wants. They are
// claimed, not written: a rewritten value costs what a change costs and brings
// nothing, and a host that is adopted stays as it was to the letter.
func (m *maker) keep() {
	kept := map[vswitch.ID]vswitch.Settings{}
	for _, r := range m.desired.Rows {
		was, exists := m.in.Observed.Row(r.ID)
		if !exists {
			continue
		}
		for name, text := range r.Settings {
			is := was.Settings[name]
			if is == text || !m.same(was, r, name) {
				continue
			}
			if kept[r.ID] == nil {
				kept[r.ID] = vswitch.Settings{}
			}
			kept[r.ID][name] = is
		}
	}
	m.desired.Kept = kept
}

// same tells whether OVS makes the same of what is and of what is wanted. Most
// settings stand alone; some defaults depend on the row.
func (m *maker) same(was vswitch.ObservedRow, want vswitch.Row, name string) bool {
	is, text := was.Settings[name], want.Settings[name]
	switch {
	case name == "other_config:pmd-rxq-isolate" && want.Settings["other_config:pmd-rxq-assign"] != "group":
		return true // OVS isolates in any case (lib/dpif-netdev.c, dpif_netdev_set_config)
	case name == "vlan_mode" && is == "":
		return text == vlanMode(was.Settings)
	case name == "options:dpdk-devargs" && !strings.HasPrefix(text, "class=eth,") && !strings.Contains("0123456789abcdef", text[:1]):
		return false // a virtual device's arguments are names
	case name == "type" && is == "":
		return text == "internal" && m.local(want)
	case name == "mtu_request" && is == "" && want.Settings["type"] == "internal":
		return false // it follows the smallest port of the bridge
	case name == "other_config:hwaddr" && is == "":
		local, _ := m.in.Observed.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: was.Name})
		return was.Mark.Owner != vswitch.OwnerProfile && local.Status != nil && local.Status.MACInUse == text
	}
	k := m.keys[vswitch.ID{Table: want.Table, Name: name}]
	if name != k.OldName && was.Mark.Owns(k.OldName) { // on its way out
		return is != "" && k.Meaning(is, m.release) == k.Meaning(text, m.release)
	}
	return k.Meaning(effective(k, name, was.Settings), m.release) == k.Meaning(text, m.release)
}

// effective returns the text of a setting that OVS goes by: where it is absent,
// that under its old name, which releases after the renaming still read
// (pmd-maxsleep, up to 4.0: lib/dpif-netdev.c, set_all_pmd_max_sleeps).
func effective(k vswitch.Key, name string, s vswitch.Settings) string {
	if text := s[name]; text != "" || k.OldName == "" {
		return text
	}
	return s[k.OldName]
}

// vlanMode returns a port's VLAN mode where it names none (vswitchd/bridge.c,
// port_configure).
func vlanMode(s vswitch.Settings) string {
	if s["tag"] != "" {
		return string(vswitch.VLANAccess)
	}
	return string(vswitch.VLANTrunk)
}

// local tells whether an interface is its bridge's own: OVS takes it for an
// internal one whatever its type.
func (m *maker) local(r vswitch.Row) bool {
	port, ok := m.desired.Row(r.Parent)
	return ok && r.Table == vswitch.IfaceTable && port.Parent == vswitch.ID{Table: vswitch.BridgeTable, Name: r.Name}
}
