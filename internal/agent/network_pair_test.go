package agent

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/store"
)

// pair are two hosts with tunnels between them and the first one's store, which the
// second reaches by a way that can be cut.
func pair(t *testing.T) (a, b *rig, c *store.Client, way *proxy) {
	t.Helper()
	a, b = plainRig(t, "h1", "172.16.0.1"), plainRig(t, "h2", "172.16.0.2")
	if _, _, err := lab.Link(a.host, "wire", b.host, "wire"); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*rig{a, b} {
		r.host.Allow(regexp.MustCompile(`\|(tunnel|tnl_neigh_cache|native_tnl)\||(receiving|network device) .*wire.*: (Network is down|No such device)`))
		r.must(func() error {
			_, err := r.host.VSCtl(r.limit(), "add-br", "br-phy", "--", "set", "Bridge", "br-phy", "datapath_type=netdev", "--", "add-port", "br-phy", "wire")
			return err
		}())
	}
	a.address("br-phy", "172.16.0.1/24")
	b.address("br-phy", "172.16.0.2/24")
	path, way := a.proxy("way.sock")
	b.opt.Network.Store = store.Options{Endpoints: []string{"unix:" + path}}
	a.begin()
	b.begin()
	c = storeOf(a)
	for _, name := range []string{"h1", "h2"} {
		a.until(name+" is registered", func() error {
			if a.snapshot().HostByName(name) == nil {
				return errors.New("it is not")
			}
			return nil
		})
	}
	return a, b, c, way
}

// A host is cut off from the store: what it has goes on, between hosts too, and what is
// done on it is done. Healed, both sides have all that happened meanwhile.
func TestHostPartitionedAndHealed(t *testing.T) {
	a, b, c, way := pair(t)
	tenants(a, c)
	for _, n := range []byte{5, 6, 7} {
		a.must(c.AddPort(a.limit(), "blue", guestPort(n)))
	}
	one, two := a.plug(1), b.plug(2)
	one.reaches(two, "before")
	b.until("all of the network is there", func() error {
		if b.snapshot().PortByName("vm7") == nil {
			return errors.New("it is not")
		}
		return nil
	})
	way.cut()
	five, six := a.plug(5), b.plug(6)
	one.reaches(two, "over the cut")
	two.reaches(one, "back over the cut")
	two.reaches(six, "a guest that came on the cut host")
	one.reaches(five, "a guest that came on the other")
	seven := a.plug(7)
	a.must(c.DeletePort(a.limit(), "blue", "vm5"))
	way.heal()
	one.reaches(six, "healed")
	six.reaches(seven, "healed, back")
	b.until("what was deleted is gone", func() error {
		if strings.Contains(b.held(), "10.0.0.5") {
			return errors.New("it is not")
		}
		return nil
	})
}

// A switch is deleted while a host is cut off, and other switches are made: the cut
// host, which still has the flows of the old one, reaches nobody on the new ones.
func TestKeysWhileAHostIsCutOff(t *testing.T) {
	a, b, c, way := pair(t)
	a.must(c.AddSwitch(a.limit(), logical.Switch{Name: "blue", Flood: logical.FloodAll}))
	a.must(c.AddPort(a.limit(), "blue", guestPort(1)))
	a.must(c.AddPort(a.limit(), "blue", guestPort(2)))
	one, two := a.plug(1), b.plug(2)
	two.reaches(one, "before")
	key := func(name string) logical.DatapathKey { return a.snapshot().SwitchKey(a.snapshot().SwitchByName(name)) }
	old := key("blue")
	way.cut()
	a.must(c.DeleteSwitch(a.limit(), "blue", true))
	a.until("its flows are gone", func() error {
		if strings.Contains(a.held(), "10.0.0.1") {
			return errors.New("they are not")
		}
		return nil
	})
	// The row of keys begins again: the old one would be the next.
	if !a.transact(fmt.Sprintf(`{"op":"update","table":"Global","where":[],"row":{"next_datapath":%d}}`, old)) {
		t.Fatal("the next key was not set")
	}
	// The same guest of the same address and port key, of another tenant now.
	a.must(c.AddSwitch(a.limit(), logical.Switch{Name: "red", Flood: logical.FloodAll}))
	a.must(c.AddPort(a.limit(), "red", guestPort(1)))
	a.must(c.AddPort(a.limit(), "red", guestPort(3)))
	three := a.plug(3)
	three.reaches(one, "on the new switch")
	if now := key("red"); now == old {
		t.Fatalf("red has the key of blue, %d, while a host is cut off", now)
	}
	stop := two.mutter(one, three)
	for start := time.Now(); time.Since(start) < 500*time.Millisecond; {
		three.reaches(one, "meanwhile")
	}
	stop()
	if strings.Count(b.held(), "10.0.0.1") == 0 {
		t.Error("the cut host has no flows of the old switch: nothing was tested")
	}
	way.heal()
	b.until("the cut host has caught up", func() error {
		if strings.Contains(b.held(), "10.0.0.1 ") {
			return errors.New("it has not")
		}
		return nil
	})
}

// Between a host and an edge BFD watches a tunnel of its own at both ends, and packets
// go by it.
func TestBFDWithAnEdge(t *testing.T) {
	a, b, c, _ := pair(t)
	b.write(plainOverlay("h2", "172.16.0.2", ", role: edge, bfd: {minRx: 200ms, minTx: 200ms}"))
	a.hasPorts("br-int", "sluice-bfd-h2", "sluice-geneve")
	b.hasPorts("br-int", "sluice-bfd-h1", "sluice-geneve")
	tenants(a, c)
	one, two := a.plug(1), b.plug(2)
	one.reaches(two, "to the edge")
	two.reaches(one, "from the edge")
	for _, end := range []struct {
		r    *rig
		port string
	}{{a, "sluice-bfd-h2"}, {b, "sluice-bfd-h1"}} {
		end.r.until("BFD is up", func() error {
			text, err := end.r.host.AppCtl(end.r.limit(), "bfd/show", end.port)
			if err == nil && !strings.Contains(text, "Local Session State: up") {
				err = errors.New(text)
			}
			return err
		})
	}
	if number := a.numbers("sluice-bfd-h2")[0]; !strings.Contains(a.held(), "output:"+number+"\n") {
		t.Errorf("nothing goes by the edge's port %s:\n%s", number, a.held())
	}
	one.reaches(two, "by the tunnel that is watched")
	b.write(plainOverlay("h2", "172.16.0.2", ""))
	a.hasPorts("br-int", "sluice-geneve", "vm1")
	b.hasPorts("br-int", "sluice-geneve", "vm2")
	one.reaches(two, "by the tunnel for all again")
}
