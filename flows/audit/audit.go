package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/finding"
)

// Input is what a check looks at.
type Input struct {
	Network *logical.Snapshot
	// Said is what hosts said of themselves last.
	Said []logical.HostStatus
	Now  time.Time
	// Live is how long after its last word a host is taken for alive.
	Live time.Duration
	// Unusable are the rows that are left out of Network.
	Unusable []error
}

// Check lists what is wrong or could be better, the gravest first. Findings are of
// Severity Error where the network does not do what it says, Warning where it
// will not work for somebody, Info where it may be meant so.
func Check(in Input) []finding.Finding {
	c := &check{Snapshot: in.Network}
	for _, err := range in.Unusable {
		c.add(finding.Error, "unusable-row", "", err.Error(), "delete the row, or write it anew with sluicectl")
	}
	c.conflicts()
	c.links()
	c.bindings()
	c.hosts(in)
	c.addresses()
	c.reserved()
	c.localnets()
	c.routes()
	c.overlaps()
	c.vlans()
	c.leftovers()
	finding.Sort(c.found)
	return c.found
}

// check is one check at work.
type check struct {
	*logical.Snapshot
	found []finding.Finding
}

// add tells of one thing; path names the object, "switch web".
func (c *check) add(s finding.Severity, code, path, what, fix string) {
	c.found = append(c.found, finding.Finding{Severity: s, Code: code, Path: path, What: what, Fix: fix})
}

func (c *check) conflicts() {
	for _, x := range c.Conflicts() {
		c.add(finding.Error, "conflict", "", x.Text, "")
	}
}

// links tells of ports that lead to a router or a switch which does not lead back.
func (c *check) links() {
	for e := range c.HalfLinks() {
		switch e := e.(type) {
		case *logical.SwitchPort:
			c.add(finding.Warning, "half-link", "port "+e.Name, fmt.Sprintf("port %s of switch %s leads to %s, which does not lead back: it connects nothing",
				e.Name, c.switchName(e.Switch), routerPortWords(e.Peer)), fmt.Sprintf("sluicectl lsp del %s %s", c.switchName(e.Switch), e.Name))
		case *logical.RouterPort:
			c.add(finding.Warning, "half-link", "port "+e.Name, fmt.Sprintf("port %s of router %s leads to port %s, which does not lead back: it connects nothing",
				e.Name, c.routerName(e.Router), e.Peer), fmt.Sprintf("sluicectl lrp del %s %s", c.routerName(e.Router), e.Name))
		}
	}
	for p := range c.Ports() {
		rp := c.RouterPortOf(p)
		if rp == nil {
			continue
		}
		same := p.MAC == rp.MAC && len(p.Addresses) == len(rp.Networks)
		for _, n := range rp.Networks {
			same = same && slices.Contains(p.Addresses, n.Addr())
		}
		if !same {
			c.add(finding.Warning, "link-differs", "port "+p.Name, fmt.Sprintf("the two ends of a link differ: port %s has %s %v, port %s has %s %v",
				p.Name, p.MAC, p.Addresses, rp.Name, rp.MAC, rp.Networks), "delete one end and make it anew, or link anew with sluicectl lr link")
		}
	}
}

func routerPortWords(name string) string {
	if name == "" {
		return "no router port"
	}
	return "router port " + name
}

func (c *check) switchName(id logical.ID[logical.Switch]) string {
	if s := c.Switch(id); s != nil {
		return s.Name
	}
	return id.String()
}

func (c *check) routerName(id logical.ID[logical.Router]) string {
	if r := c.Router(id); r != nil {
		return r.Name
	}
	return id.String()
}

// some is the first few of many names.
func some(names []string) string {
	const shown = 5
	slices.Sort(names)
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}

// byName walks a map in the order of its keys.
func byName[V any](m map[string]V, f func(string, V)) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		f(k, m[k])
	}
}
