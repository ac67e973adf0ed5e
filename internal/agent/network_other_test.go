package agent

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/api"
)

// fresh restarts ovsdb-server without the store's file, as who lost it would.
func (r *rig) fresh() {
	r.t.Helper()
	r.must(r.host.StopDB(r.limit()))
	r.must(os.Rename(r.host.Path("sluice.db"), r.host.Path("lost.db")))
	r.must(r.host.StartDB(r.limit()))
}

// otherStoreSaid waits until the status says that another store is there.
func (r *rig) otherStoreSaid(word string) {
	r.t.Helper()
	r.until("it is told that the store is "+word, func() error {
		if s := r.agent.network.Status(); !strings.Contains(s.Store, "the store is "+word) || !strings.Contains(s.Store, "store accept") {
			return fmt.Errorf("it tells %+v", s)
		}
		return nil
	})
}

// sameFlows fails the test where the bridge holds something else than before.
func (r *rig) sameFlows(held, when string) {
	r.t.Helper()
	r.quiet()
	if now := r.held(); now != held {
		r.t.Errorf("the bridge was changed %s:\n%s\nwas\n%s", when, now, held)
	}
}

// An empty store in the place of the lost one empties no bridge, whether the daemon
// runs on or starts anew, until the operator says so; and the right one that comes
// back is followed without a word.
func TestFreshStore(t *testing.T) {
	r, _, one, two := tenantRig(t)
	r.quiet()
	held := r.held()

	r.fresh()
	r.otherStoreSaid("an empty one")
	r.says("what is laid stays as it is")
	r.sameFlows(held, "with an empty store")
	r.stop()
	r.start()
	r.otherStoreSaid("an empty one")
	r.sameFlows(held, "with an empty store after a start of the daemon")
	one.reaches(two, "with an empty store")

	// The right one comes back.
	r.must(r.host.StopDB(r.limit()))
	r.must(os.Rename(r.host.Path("lost.db"), r.host.Path("sluice.db")))
	r.must(r.host.StartDB(r.limit()))
	c := storeOf(r)
	r.until("it is served", func() error { return c.AddPort(r.limit(), "blue", guestPort(5)) })
	one.reaches(r.plug(5), "with the right store")

	// Another one, with a network of its own.
	r.quiet()
	held = r.held()
	r.fresh()
	r.otherStoreSaid("an empty one")
	tenants(r, storeOf(r))
	r.otherStoreSaid("another one")
	r.sameFlows(held, "with another store")
	asked, err := r.api.AcceptStore(r.limit(), api.AcceptStoreRequest{DryRun: true})
	r.must(err)
	if !asked.Waited || asked.Switches != 2 || asked.Ports != 4 {
		t.Errorf("it waits: %+v", asked)
	}
	if _, err := r.api.AcceptStore(r.limit(), api.AcceptStoreRequest{Store: "empty"}); err == nil {
		t.Error("a store was accepted that does not wait")
	}
	_, err = r.api.AcceptStore(r.limit(), api.AcceptStoreRequest{Store: asked.Store})
	r.must(err)
	r.until("its network is laid", func() error {
		if strings.Contains(r.held(), "10.0.0.5") {
			return errors.New("the other's port is there")
		}
		return nil
	})
	one.reaches(two, "with the accepted store")
	r.stop()
	r.start()
	r.await("converged")
	if s := r.agent.network.Status(); strings.Contains(s.Store, "accept") {
		t.Errorf("it was accepted, and tells %+v", s)
	}
}

// What commands delete goes, all of it.
func TestDeletedByCommands(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.begin()
	r.quiet()
	bare := strings.Count(r.held(), "\n")
	c := storeOf(r)
	tenants(r, c)
	one, two := r.plug(1), r.plug(2)
	one.reaches(two, "before")
	for _, name := range []string{"blue", "red"} {
		r.must(c.DeleteSwitch(r.limit(), name, true))
	}
	r.until("the flows of the tenants are gone", func() error {
		if s := r.held(); strings.Contains(s, "10.0.0.") || strings.Count(s, "\n") > bare+8 {
			return fmt.Errorf("there are %d, once %d:\n%s", strings.Count(s, "\n"), bare, s)
		}
		return nil
	})
}
