package agent

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// eagerClock looks more often at what nobody tells of, as the tunnel option: each second.
type eagerClock struct{ wallClock }

func (c eagerClock) After(d time.Duration) <-chan time.Time {
	return c.wallClock.After(min(d, time.Second))
}

// What another program does to the bridge while the connection stands is put right
// at once, whatever it does.
func TestOthersChangeTheBridge(t *testing.T) {
	r := plainRig(t, "h1", "172.16.0.1")
	r.opt.Clock = eagerClock{}
	r.begin()
	c := storeOf(r)
	r.must(c.AddSwitch(r.limit(), logical.Switch{Name: "blue", Flood: logical.FloodAll}))
	r.must(c.AddPort(r.limit(), "blue", guestPort(1)))
	r.must(c.AddPort(r.limit(), "blue", guestPort(2)))
	one, two := r.plug(1), r.plug(2)
	one.reaches(two, "before")
	r.quiet()
	held, groups, option := r.held(), r.groups(), r.ofctl("dump-tlv-map")
	mended := 0
	for _, what := range [][]string{
		{"del-flows"},
		{"add-flow", "table=48,priority=200,actions=drop"},
		{"mod-flows", "table=16,actions=drop"},
		{"del-groups"},
		{"del-meters"},
		{"add-group", "group_id=5,type=all"},
	} {
		r.ofctl(what...)
		start := time.Now()
		mended++
		r.until(fmt.Sprintf("%v is undone", what), func() error {
			if n := r.agent.network.Status().Mended; n < mended {
				return fmt.Errorf("%d times, not %d", n, mended)
			}
			return nil
		})
		t.Logf("%v was undone after %v", what, time.Since(start))
		mended = r.agent.network.Status().Mended
		for _, is := range []struct{ was, now string }{{held, r.held()}, {groups, r.groups()}, {option, r.ofctl("dump-tlv-map")}} {
			if diff := cmp.Diff(is.was, is.now); diff != "" {
				t.Errorf("after %v: %s", what, diff)
			}
		}
	}
	if strings.Count(r.ofctl("dump-meters"), "meter=") != len(flows.Meters()) {
		t.Error("meters are missing")
	}
	// The switch tells nothing of its tunnel options, and nothing refers to them here.
	r.ofctl("del-tlv-map")
	r.until("the tunnel option is back", func() error {
		if now := r.ofctl("dump-tlv-map"); now != option {
			return errors.New(now)
		}
		return nil
	})
	one.reaches(two, "after")
}
