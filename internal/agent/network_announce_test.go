package agent

import (
	"fmt"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// A daemon that starts while the switch is away lives, and says so; that something is
// laid it does not say.
func TestLivesWithoutSwitch(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.begin()
	c := storeOf(r)
	tenants(r, c)
	r.plug(1).reaches(r.plug(2), "before")
	status := func() logical.HostStatus {
		t.Helper()
		all, err := c.Statuses(r.limit())
		r.must(err)
		if len(all) != 1 {
			t.Fatalf("statuses: %+v", all)
		}
		return all[0]
	}
	r.stop()
	r.must(c.Report(r.limit(), logical.HostStatus{Host: "h1", LastSeen: time.Now(), Generation: 3}))
	before := status()
	r.must(r.host.KillVswitchd())
	r.must(c.AddSwitch(r.limit(), logical.Switch{Name: "later"}))
	r.start()
	r.until("the host is seen", func() error {
		if now := status(); !now.LastSeen.After(before.LastSeen) {
			return fmt.Errorf("it was %v", now.LastSeen)
		}
		return nil
	})
	if now := status(); before.Generation != 3 || now.Generation != before.Generation {
		t.Errorf("generation %d, before %d", now.Generation, before.Generation)
	}
	r.must(r.host.StartVswitchd(r.limit()))
	r.laid(1)
}
