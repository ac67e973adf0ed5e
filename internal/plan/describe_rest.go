package plan

import (
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// rest tells of everything that the profile does not name: rows, with what
// hangs below them, and settings of named rows that are not OVS's default
// anyhow. What others keep in external_ids is theirs and no news.
func (d *describer) rest(named vswitch.Desired) {
	unnamed := map[vswitch.ID]bool{}
	bridges := false
	for _, r := range d.o.Rows {
		row, found := named.Row(r.ID)
		bridges = bridges || r.Table == vswitch.BridgeTable
		switch {
		case r.ID == vswitch.Root:
			d.switchRest(r, row)
		case found:
			if extra := d.extra(r, row); len(extra) > 0 {
				d.leave("%s: %s (%s)", r.ID, strings.Join(extra, " "), orText(d.reasons[r.ID], noKey))
			}
		case unnamed[r.Parent]:
			unnamed[r.ID] = true
		default:
			unnamed[r.ID] = true
			d.leave("%s: %s", r.ID, orText(d.reasons[r.ID], noWords(r)))
		}
	}
	d.ipfixRest()
	if bridges {
		d.leave("not looked at: flows, controllers, mirrors, STP, flow tables, sFlow and NetFlow of bridges; they stay as they are")
	}
}

const noKey = "no key of a profile stands for it"

func noWords(r vswitch.ObservedRow) string {
	if r.Table == vswitch.QoSTable {
		return "a profile knows an egress-policer of one rate and burst: " + r.Settings["type"]
	}
	return "a profile has no words for it"
}

// switchRest tells of settings of the Open_vSwitch row, section by section.
func (d *describer) switchRest(r vswitch.ObservedRow, row vswitch.Row) {
	bySection := map[section][]string{}
	for _, pair := range d.extra(r, row) {
		name, _, _ := strings.Cut(pair, "=")
		s := sectionOf(name)
		bySection[s] = append(bySection[s], pair)
	}
	for _, s := range []section{cpuSection, dpdkSection, ""} {
		if len(bySection[s]) > 0 {
			d.leave("%s: %s (%s)", r.ID, strings.Join(bySection[s], " "), orText(d.sections[s], noKey))
		}
	}
}

// extra returns the settings of a row that are not named and mean something
// else than their absence would.
func (d *describer) extra(r vswitch.ObservedRow, row vswitch.Row) []string {
	var extra []string
	for _, name := range r.Settings.Names() {
		column, _ := vswitch.Column(name)
		if _, named := row.Settings[name]; named || column == "external_ids" {
			continue
		}
		k, known := d.keys[vswitch.ID{Table: r.Table, Name: name}]
		if known && k.Meaning(r.Settings[name], d.o.OVSVersion) == k.DefaultIn(d.o.OVSVersion) {
			continue
		}
		extra = append(extra, name+"="+r.Settings[name])
	}
	return slices.Clip(extra)
}
