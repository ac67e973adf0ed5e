package plan

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/finding"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Marks tells whether a change only records what is ours: claims, and the
// addresses that a bridge remembers. Nothing that ovs-vswitchd reads is written.
func Marks(c vswitch.Change) bool {
	switch c.Op {
	case vswitch.Claim:
		return true
	case vswitch.Set:
		return c.ID.Table == vswitch.BridgeTable && (c.Setting == addressesKey || c.Setting == routesKey)
	case vswitch.Create, vswitch.Delete, vswitch.Unset, vswitch.Forget, vswitch.Disown:
	}
	return false
}

// judge takes out of the profile what the parser refuses, what the planner
// finds wrong, and what would be changed, until a plan does nothing but mark.
// The profile's own rules are so the only judges of what it can say. It returns
// what the remaining profile names. What is ours already and not as wanted stays
// a change: no description can help that.
func (d *describer) judge() vswitch.Desired {
	for {
		j := judgement{describer: d, doomed: map[vswitch.ID]bool{}}
		profile, err := d.parsed()
		var refused *configs.Error
		if errors.As(err, &refused) {
			for _, p := range refused.Problems {
				j.drop(p.Path, "a profile refuses it: "+p.Text)
			}
			if !j.sweep() {
				j.drop("", err.Error())
			}
			continue
		}
		p := Make(Input{Profile: profile, Topology: d.t, Observed: d.o})
		for _, f := range finding.Errors(p.Findings) {
			j.drop(f.Path, "a plan would refuse it as it is: "+f.What)
		}
		for _, c := range p.Changes {
			j.change(c)
		}
		if !j.sweep() {
			return p.Desired
		}
	}
}

// parsed writes the profile and reads it back: then it has places.
func (d *describer) parsed() (*configs.Profile, error) {
	text, err := configs.Render(d.profile)
	if err != nil {
		return nil, &configs.Error{Problems: []configs.Problem{{Text: err.Error()}}}
	}
	return configs.Parse(text, configs.Options{File: "adopted"})
}

// judgement is one look at the profile: what of it is to go.
type judgement struct {
	*describer
	doomed map[vswitch.ID]bool // bridges, and ports by the name of port or interface
	some   bool                // a part went
}

var place = regexp.MustCompile(`^(?:bridges\[(\d+)\](?:\.(ports|bonds)\[(\d+)\])?|vhost\.ports\[(\d+)\])(?:\.(\w+))?`)

// drop takes what stands at a place of the profile out of it.
func (j *judgement) drop(path, why string) {
	m := place.FindStringSubmatch(path)
	at := func(i int) int { n, _ := strconv.Atoi(m[i]); return n }
	switch {
	case strings.HasPrefix(path, "cpu"):
		j.dropSection(cpuSection, why)
	case strings.HasPrefix(path, "dpdk"):
		j.dropSection(dpdkSection, why)
	case strings.HasPrefix(path, "monitor.ipfix") && j.profile.IPFIX != nil:
		j.dropIPFIX(path, why)
	case path == "name": // a host's name need not be one of a profile
		j.profile.Name, j.some = "host", true
	case m == nil: // of the profile as a whole
		j.leave("nothing is named: %s", why)
		*j.profile = configs.Profile{Name: j.profile.Name, Disruptive: j.profile.Disruptive}
		j.some = true
	case m[4] != "":
		p := &j.profile.VHost.Ports[at(4)]
		j.dropOf(p.Name, m[5], why, &p.VLAN, &p.RateLimit, map[string]func(){
			"mac": func() { p.MAC = "" }, "logicalPort": func() { p.LogicalPort = "" },
		})
	case m[2] == "ports":
		p := &j.profile.Bridges[at(1)].Ports[at(3)]
		j.dropOf(p.Name, m[5], why, &p.VLAN, &p.RateLimit, map[string]func(){"rxAffinity": func() { p.RxAffinity = nil }})
	case m[2] == "bonds":
		p := &j.profile.Bridges[at(1)].Bonds[at(3)]
		j.dropOf(p.Name, m[5], why, &p.VLAN, &p.RateLimit, nil)
	default:
		b := &j.profile.Bridges[at(1)]
		j.dropBridge(b, m[5] == "addresses", why)
	}
}

// change takes out what a plan would write.
func (j *judgement) change(c vswitch.Change) {
	if Marks(c) || c.Op != vswitch.Set && c.Op != vswitch.Create {
		return
	}
	why := "a plan would not leave it as it is: " + c.String()
	if c.ID == vswitch.Root {
		if s := sectionOf(c.Setting); s != "" {
			j.dropSection(s, why)
		}
		return
	}
	name := c.ID.Name
	if s := j.profile.IPFIX; c.ID.Table == vswitch.IPFIXTable && s != nil {
		if i := slices.Index(s.Bridges, name); i >= 0 {
			j.dropIPFIX(fmt.Sprintf("monitor.ipfix.bridges[%d]", i), why)
		}
		return
	}
	if c.ID.Table == vswitch.IfaceTable { // of a bond, its port
		if row, ok := j.o.Row(c.ID); ok {
			name = row.Parent.Name
		}
	}
	for i := range j.profile.Bridges {
		if b := &j.profile.Bridges[i]; b.Name == name {
			j.dropBridge(b, c.Setting == "other_config:hwaddr", why)
			return
		}
	}
	j.doom(vswitch.ID{Table: vswitch.PortTable, Name: name}, why)
}
