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
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// The answers to a feud: at once, then slower, then at once again after peace.
func TestFeud(t *testing.T) {
	var f feud
	now := time.Unix(1_000_000, 0)
	var got []time.Duration
	for i := range 16 {
		if i == 14 {
			now = now.Add(3 * feudLongest)
		}
		got = append(got, f.wait(now))
		now = now.Add(time.Second)
	}
	ms := time.Millisecond
	want := []time.Duration{0, 0, 0, 0, 0, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 12800 * ms, 25600 * ms, 30000 * ms, 30000 * ms, 0, 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// eagerClock looks at the tunnel option more often.
type eagerClock struct{ wallClock }

func (c eagerClock) After(d time.Duration) <-chan time.Time {
	if d == lookAt {
		d = time.Second
	}
	return c.wallClock.After(d)
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
			if n := r.agent.network.status().Mended; n < mended {
				return fmt.Errorf("%d times, not %d", n, mended)
			}
			return nil
		})
		t.Logf("%v was undone after %v", what, time.Since(start))
		mended = r.agent.network.status().Mended
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

// Ports are told apart whose names begin alike.
func TestSameNumbers(t *testing.T) {
	mac := [6]byte{2, 0, 0, 0, 0, 1}
	for _, tt := range []struct {
		name, is, in, inMAC string
		same                bool
	}{
		{"the same", "vm1", "vm1", "", true},
		{"another", "vm1", "vm2", "", false},
		{"a long name", "a-guest-with-a-", "a-guest-with-a-name", "", true},
		{"ours", "sluice-bfd-edge", "sluice-bfd-edge-1", "02:00:00:00:00:01", true},
		{"ours, another that begins alike", "sluice-bfd-edge", "sluice-bfd-edge-2", "02:00:00:00:00:02", false},
	} {
		err := sameNumbers([]openflow.PortDesc{{Port: 5, Name: tt.is, MAC: mac}, {Port: 6, Name: "new"}}, portNames{5: {tt.in, tt.inMAC}, 7: {"gone", ""}})
		if (err == nil) != tt.same {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
