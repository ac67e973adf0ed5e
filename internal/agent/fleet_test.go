package agent

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// fleet is hosts h1, h2, ... of one overlay, with real switches and real tunnels, and a
// machine without a switch that has the store. The bridge br-phy of h1 is their underlay.
type fleet struct {
	t      *testing.T
	hosts  []*rig
	keeper *rig // of the store
	store  *store.Client
	guests map[string]*fleetGuest
	left   []*fleetGuest // who were there
	down   map[*rig]bool // whose ovsdb-server has ended
	words  int           // how many were sent
	rested []string      // the flows of each host with no network
}

// newFleet starts hosts and their agents, and waits until each is laid.
func newFleet(t *testing.T, n int) *fleet {
	t.Helper()
	f := &fleet{t: t, guests: map[string]*fleetGuest{}, down: map[*rig]bool{}, keeper: prepare(t, lab.Options{Unconfigured: true, DBOnly: true})}
	f.keeper.networkStore()
	f.served()
	for i := range n {
		r := prepare(t, lab.Options{Unconfigured: true})
		r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl|netdev_linux|rconn|vconn|bridge|ofproto_dpif_upcall|dpif_netdev)\|`))
		r.networkStore()
		r.write(plainOverlay(fmt.Sprintf("h%d", i+1), wireAddress(i).String(), fleetNetworks[i].profile()))
		r.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + f.keeper.host.DBSocket()}}
		f.hosts = append(f.hosts, r)
		f.wire(i)
	}
	for _, r := range f.hosts {
		r.start()
	}
	for _, r := range f.hosts {
		r.await(monitor.ResultConverged)
		r.laid(1)
	}
	f.join()
	f.store = storeOf(f.keeper)
	for _, r := range f.hosts {
		r.quiet()
		f.rested = append(f.rested, r.held())
	}
	return f
}

// served has the fleet's ovsdb-server serve the store: it forgets it when it ends.
func (f *fleet) served() {
	f.t.Helper()
	l := f.keeper.opt.Network.Local
	f.keeper.must(store.EnsureLocal(f.keeper.limit(), l.Server, l.File, l.Like))
}

func wireAddress(i int) netip.Addr { return netip.AddrFrom4([4]byte{172, 16, 0, byte(i + 1)}) }

// wire gives a host its br-phy, with a cable to that of h1.
func (f *fleet) wire(i int) {
	f.t.Helper()
	r := f.hosts[i]
	r.vsctl("add-br", "br-phy", "--", "set", "Bridge", "br-phy", "datapath_type=netdev")
	if i > 0 {
		here, there, err := lab.Link(r.host, "up", f.hosts[0].host, fmt.Sprintf("to-h%d", i+1))
		if err != nil {
			f.t.Fatal(err)
		}
		r.vsctl("add-port", "br-phy", here.Name)
		f.hosts[0].vsctl("add-port", "br-phy", there.Name)
	}
	f.number(i)
}

// number gives a host's br-phy its address.
func (f *fleet) number(i int) {
	f.t.Helper()
	r := f.hosts[i]
	r.until("br-phy is there", func() error {
		return r.host.Command(r.limit(), "ip", "link", "show", "br-phy").Run()
	})
	r.address("br-phy", netip.PrefixFrom(wireAddress(i), 24).String())
}

// restart kills a host's switch and starts it again. br-phy's addresses are gone then.
func (f *fleet) restart(r *rig) {
	f.t.Helper()
	r.must(r.host.KillVswitchd())
	r.step(r.host.StartVswitchd)
	f.number(slices.Index(f.hosts, r))
}

// in lets a part of the test speak for itself.
func (f *fleet) in(t *testing.T, do func()) {
	outer := f.t
	speak := func(t *testing.T) {
		f.t = t
		for _, r := range append(slices.Clone(f.hosts), f.keeper) {
			r.t, r.log.t = t, t
		}
	}
	speak(t)
	defer speak(outer)
	do()
}

// hostOf returns a host by its name.
func (f *fleet) hostOf(name string) *rig {
	for i, r := range f.hosts {
		if name == fmt.Sprintf("h%d", i+1) {
			return r
		}
	}
	f.t.Fatalf("the fleet has no host %s", name)
	return nil
}

// clear takes the network away again: not one flow of it may stay.
func (f *fleet) clear() {
	f.t.Helper()
	for _, g := range f.guests {
		f.unplug(g)
	}
	f.left = nil
	f.lay(new(logical.Snapshot))
	for i, r := range f.hosts {
		r.until("nothing is left of the network on "+r.host.RunDir(), func() error {
			if now := r.held(); now != f.rested[i] {
				return fmt.Errorf("the bridge holds\n%s\nand held before\n%s", now, f.rested[i])
			}
			return nil
		})
	}
}

// sorted puts lines into one order: flows of one priority have none.
func sorted(text string) string { return strings.Join(slices.Sorted(strings.Lines(text)), "") }
