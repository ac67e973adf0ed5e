package overlay

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
