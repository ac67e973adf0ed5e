package plan

import (
	"fmt"
	"slices"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/cpuset"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
	"github.com/sluice-nfv/sluice/pmd"
	"github.com/sluice-nfv/sluice/vhost"
)

// Keys returns every setting Sluice may write, with its price.
func Keys() []vswitch.Key {
	return slices.Concat(dpdk.Keys(), pmd.Keys(), vhost.Keys(), flows.Keys(), ipfix.Keys(), addressKeys())
}

// catalog finds a setting's description by table and name, old names included.
type catalog map[vswitch.ID]vswitch.Key

func newCatalog() catalog {
	c := catalog{}
	for _, k := range Keys() {
		c[vswitch.ID{Table: k.Table, Name: k.Name}] = k
		if k.OldName != "" {
			c[vswitch.ID{Table: k.Table, Name: k.OldName}] = k
		}
	}
	return c
}

// classify fills in what each change costs on this very switch: a change that
// disturbs nobody is live, whatever its key could do elsewhere.
func classify(changes []vswitch.Change, o vswitch.Observed, keys catalog) {
	state := stateOf(o)
	for i := range changes {
		c := &changes[i]
		switch c.Op {
		case vswitch.Create, vswitch.Claim, vswitch.Forget, vswitch.Disown:
			c.Class = vswitch.Live
			if c.Op == vswitch.Claim && c.Setting != "" && c.New == "" {
				c.Note = join(c.Note, "OVS's own default, left unwritten")
			}
		case vswitch.Delete:
			c.Class = vswitch.Live
			if state.inUse(c.ID) {
				c.Class = vswitch.PortRestart
				c.Note = join(join(c.Note, "in use: its traffic ends"), state.denied[c.ID])
			}
		case vswitch.Set, vswitch.Unset:
			k := keys[vswitch.ID{Table: c.ID.Table, Name: c.Setting}]
			c.Class, c.OneWay = state.price(c, k)
			if c.Class == vswitch.PortRestart {
				c.Note = join(c.Note, state.denied[c.ID])
			}
		}
	}
	together(changes, o)
}

// Priced fills in what each change costs on this very switch.
func Priced(changes []vswitch.Change, o vswitch.Observed) []vswitch.Change {
	classify(changes, o, newCatalog())
	return changes
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// state is what the price of a change depends on.
type state struct {
	o vswitch.Observed
	// dpdk: EAL runs, or its start was tried and is not tried again.
	dpdk bool
	used map[vswitch.ID]bool // interfaces that carry a guest or a link, with their ports and bridges
	// denied has of those in use by a guest alone that OVS denies what tells of it.
	denied map[vswitch.ID]string
	pmds   bool // a port that PMD threads poll exists
	nics   bool // a dpdk port among them carries packets
}

func stateOf(o vswitch.Observed) state {
	root, _ := o.Row(vswitch.Root)
	tried := root.Settings["other_config:dpdk-init"]
	s := state{o: o, used: map[vswitch.ID]bool{}, denied: map[vswitch.ID]string{}}
	s.dpdk = o.DPDKInitialized || o.OVSVersion != "" && (tried == "true" || tried == "try")
	for _, r := range o.Rows {
		if r.Status == nil {
			continue
		}
		s.pmds = s.pmds || r.Settings["type"] == "dpdk" || r.Settings["type"] == "dpdkvhostuserclient"
		if !linked(r) {
			continue
		}
		s.nics = s.nics || r.Settings["type"] == "dpdk"
		port, _ := o.Row(r.Parent)
		for _, id := range []vswitch.ID{r.ID, r.Parent, port.Parent} {
			s.used[id] = true
			if denied(r) {
				s.denied[id] = fmt.Sprintf("OVS says that %s is disconnected, but %s", r.Name, r.Status.Guest)
			}
		}
	}
	return s
}

// linked tells whether packets may go through the interface now. OVS's word that
// a guest is connected is enough; that none is may be old.
func linked(r vswitch.ObservedRow) bool {
	switch r.Settings["type"] {
	case "dpdkvhostuserclient", "dpdkvhostuser":
		return r.Status.Status["status"] == "connected" || r.Status.Guest != "" && denied(r)
	case "internal", "patch", "":
		return false
	default:
		return r.Status.LinkState == "up" && r.Status.Error == ""
	}
}

func (s state) inUse(id vswitch.ID) bool { return s.used[id] }

// price lowers a key's class where nobody is disturbed.
func (s state) price(c *vswitch.Change, k vswitch.Key) (vswitch.Class, bool) {
	switch k.Class {
	case vswitch.RestartNeeded:
		if !s.dpdk {
			return vswitch.Live, k.OneWay
		}
		c.Note = join(c.Note, "takes effect when ovs-vswitchd starts next")
	case vswitch.PMDRecreation:
		if !s.pmds {
			return vswitch.Live, k.OneWay
		}
	case vswitch.PortRestart:
		if c.ID == vswitch.Root {
			return s.priceOfMask(c), k.OneWay
		}
		if !s.inUse(c.ID) {
			return vswitch.Live, k.OneWay
		}
	case vswitch.Live:
	default: // written by another release of Sluice: careful
		c.Note = join(c.Note, "not a setting of this release")
		return vswitch.PMDRecreation, false
	}
	return k.Class, k.OneWay
}

// priceOfMask returns what another pmd-cpu-mask costs: its cores start and stop,
// and where their number changes, each physical port is stopped for another
// number of tx queues. Nobody notices while there is nothing to poll.
func (s state) priceOfMask(c *vswitch.Change) vswitch.Class {
	is, err1 := cpuset.ParseMask(c.Old)
	will, err2 := cpuset.ParseMask(c.New)
	switch {
	case !s.pmds:
		return vswitch.Live
	case !s.nics, err1 == nil && err2 == nil && is.Len() == will.Len():
		return vswitch.PMDRecreation
	}
	return vswitch.PortRestart
}
