package plan

import (
	"fmt"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Description is a running host put into a profile's words.
type Description struct {
	// Profile names what runs, as it is: a plan made of it for the same host
	// only marks rows and settings as ours (see Marks) and writes nothing that
	// ovs-vswitchd reads.
	Profile *configs.Profile
	// Left says what runs and is not named, and why: it stays whoever's it is.
	Left []string
}

// Describe puts a running host into a profile's words: what `host adopt` takes
// over. A value that the host leaves to OVS's default is described as that
// value, which the plan then claims unwritten (see maker.keep). A section, port
// or bridge of which a profile cannot say everything that it would set is not
// named at all, so that nothing of it is ever changed; single settings that no
// profile key stands for stay beside what is named. Describe is pure.
func Describe(o vswitch.Observed, t host.Topology) Description {
	d := describer{
		o: o, t: t, keys: newCatalog(), reasons: map[vswitch.ID]string{}, sections: map[section]string{},
		profile: &configs.Profile{Name: t.Hostname, Disruptive: configs.Ask},
	}
	if d.profile.Name == "" {
		d.profile.Name = "host" // who asks knows better
	}
	d.root, _ = o.Row(vswitch.Root)
	d.cpu()
	d.dpdk()
	for _, r := range o.Rows {
		if r.Table == vswitch.BridgeTable {
			d.bridge(r)
		}
	}
	d.socketDir()
	d.ipfix()
	d.rest(d.judge())
	return Description{Profile: d.profile, Left: d.left}
}

// section is a part of the profile that stands for settings of the Open_vSwitch row.
type section string

const (
	cpuSection  section = "cpu"
	dpdkSection section = "dpdk"
)

// describer collects one description.
type describer struct {
	o       vswitch.Observed
	t       host.Topology
	keys    catalog
	root    vswitch.ObservedRow
	profile *configs.Profile
	// reasons say of rows why they, or settings of them, are not named.
	reasons  map[vswitch.ID]string
	sections map[section]string
	left     []string
}

func (d *describer) leave(format string, args ...any) {
	d.left = append(d.left, fmt.Sprintf(format, args...))
}

// because notes why a row is not named; the first reason stands.
func (d *describer) because(id vswitch.ID, format string, args ...any) {
	if d.reasons[id] == "" {
		d.reasons[id] = fmt.Sprintf(format, args...)
	}
}

// without notes why a section is left out.
func (d *describer) without(s section, format string, args ...any) {
	if d.sections[s] == "" {
		d.sections[s] = fmt.Sprintf(format, args...)
	}
}

// meaning returns what OVS makes of a setting, whether or not it is there.
func (d *describer) meaning(r vswitch.ObservedRow, name string) string {
	k := d.keys[vswitch.ID{Table: r.Table, Name: name}]
	here, known := k.NameIn(d.o.OVSVersion)
	if !known {
		return k.DefaultIn(d.o.OVSVersion)
	}
	return k.Meaning(effective(k, here, r.Settings), d.o.OVSVersion)
}

func (d *describer) is(r vswitch.ObservedRow, name string) bool { return d.meaning(r, name) == "true" }

// below returns the rows of a table that a row refers to.
func (d *describer) below(id vswitch.ID, table vswitch.Table) []vswitch.ObservedRow {
	var rows []vswitch.ObservedRow
	for _, r := range d.o.Rows {
		if r.Parent == id && r.Table == table {
			rows = append(rows, r)
		}
	}
	return rows
}

// defaults returns a profile whose cpu, dpdk and monitor sections hold every default.
func defaults() *configs.Profile {
	p, err := configs.Parse([]byte("apiVersion: sluice/v1\nkind: HostProfile\nname: host\ncpu: {}\ndpdk: {}\nmonitor: {ipfix: {}}\n"), configs.Options{File: "defaults"})
	if err != nil {
		panic("plan: " + err.Error())
	}
	return p
}
