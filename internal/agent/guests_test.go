package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// What a daemon has seen of a guest, look by look: of which ovs-vswitchd, what the
// database said of the guest, and when; then what it makes of a guest that is denied.
func TestGuestBook(t *testing.T) {
	type look struct {
		pid       int
		connected bool
		after     time.Duration
	}
	const s = time.Second
	tests := []struct {
		name  string
		looks []look
		at    time.Duration
		want  trace
	}{
		{"never there", []look{{1, false, 0}, {1, false, 5 * s}}, 6 * s, unknown},
		{"came and left", []look{{1, false, 0}, {1, true, 5 * s}, {1, false, 6 * s}}, 6 * s, left},
		{"was there long, and left", []look{{1, true, 0}, {1, true, 30 * s}, {1, false, 31 * s}}, 31 * s, left},
		{"was there when the daemon started, and left at once", []look{{1, true, 0}, {1, false, 1 * s}}, 1 * s, unknown},
		{"OVS started anew", []look{{1, true, 0}, {2, false, 60 * s}}, 61 * s, awaited},
		{"OVS started anew, and the database was of the one before", []look{{1, true, 0}, {2, true, 60 * s}, {2, false, 61 * s}}, 62 * s, awaited},
		{"OVS started anew, and it never came back", []look{{1, true, 0}, {2, false, 60 * s}}, 81 * s, unknown},
		{"OVS started anew, it came back and left", []look{{1, true, 0}, {2, false, 60 * s}, {2, true, 62 * s}, {2, false, 63 * s}}, 63 * s, left},
		{"OVS started anew twice", []look{{1, true, 0}, {2, false, 60 * s}, {3, false, 65 * s}}, 66 * s, awaited},
		{"OVS started anew twice, and it never came back", []look{{1, true, 0}, {2, false, 60 * s}, {3, false, 65 * s}}, 85 * s, unknown},
		{"OVS started anew, and again when it had not come back in time", []look{{1, true, 0}, {2, false, 60 * s}, {3, false, 80 * s}}, 81 * s, unknown},
		{"OVS started anew, it came back and left, and OVS started anew", []look{{1, true, 0}, {2, false, 60 * s}, {2, true, 62 * s}, {2, false, 63 * s}, {3, false, 65 * s}}, 66 * s, unknown},
		{"left before OVS started anew", []look{{1, false, 0}, {1, true, 1 * s}, {1, false, 2 * s}, {2, false, 60 * s}}, 60 * s, unknown},
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var book guestBook
			for _, l := range tt.looks {
				status := map[bool]string{true: "connected", false: "disconnected"}[l.connected]
				row := vswitch.ObservedRow{Status: &vswitch.InterfaceStatus{Status: map[string]string{"status": status}}}
				row.ID, row.Settings = vswitch.ID{Table: vswitch.IfaceTable, Name: "vm1"}, vswitch.Settings{"type": "dpdkvhostuserclient"}
				book.look(vswitch.Observed{Rows: []vswitch.ObservedRow{row}}, l.pid, start.Add(l.after))
			}
			if got := book.of("vm1", start.Add(tt.at)); got != tt.want {
				t.Errorf("of the guest it knows %q, want %q", got, tt.want)
			}
			if got := book.of("vm2", start.Add(tt.at)); got != unknown {
				t.Errorf("of another guest it knows %q", got)
			}
		})
	}
}

// The counters of a vhost interface in the words of ovs-vsctl, of OVS 3.1 and 2.17.
func TestCountersTellOfAGuest(t *testing.T) {
	const some = "%d packets came from its guest and %d went there since ovs-vswitchd made the port"
	for counters, want := range map[string]string{
		"": "",
		"ovs_rx_qos_drops=0 ovs_tx_failure_drops=0 ovs_tx_retries=0": "",
		"rx_packets=0 tx_packets=0 tx_dropped=17":                    "",
		"rx_packets=5 tx_packets=0":                                  fmt.Sprintf(some, 5, 0),
		"rx_packets=0 tx_packets=7":                                  fmt.Sprintf(some, 0, 7),
	} {
		m := map[string]int64{}
		for pair := range strings.FieldsSeq(counters) {
			var n int64
			name, value, _ := strings.Cut(pair, "=")
			if _, err := fmt.Sscan(value, &n); err != nil {
				t.Fatal(err)
			}
			m[name] = n
		}
		if diff := cmp.Diff(want, passed(m)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", counters, diff)
		}
	}
}
