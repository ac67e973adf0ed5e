package agent

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/monitor"
)

// dropsAt is a snapshot of a guest's port, so many seconds after noon.
func dropsAt(seconds int, failure, mtu int64) monitor.Snapshot {
	return monitor.Snapshot{
		Taken: time.Date(2026, 3, 1, 12, 0, seconds, 0, time.UTC),
		Interfaces: []monitor.InterfaceSample{{
			Interface: "vm1", Type: "dpdkvhostuserclient",
			Statistics: map[string]int64{"ovs_tx_failure_drops": failure, "ovs_tx_mtu_exceeded_drops": mtu},
		}},
	}
}

func TestDropBookTellsWhatIsLostLately(t *testing.T) {
	drop := func(cause string, packets uint64) api.Drop {
		return api.Drop{Direction: "tx", Cause: cause, Packets: packets}
	}
	lately := func(d api.Drop, recent uint64, seconds int) api.Drop {
		d.Recent, d.Seconds = &recent, seconds
		return d
	}
	for name, c := range map[string]struct {
		looks []monitor.Snapshot
		want  []api.Drop
	}{
		"nothing is dropped":         {[]monitor.Snapshot{dropsAt(0, 0, 0), dropsAt(20, 0, 0)}, nil},
		"one look tells no rate":     {[]monitor.Snapshot{dropsAt(0, 9, 0)}, []api.Drop{drop("failure", 9)}},
		"too soon for a refresh":     {[]monitor.Snapshot{dropsAt(0, 9, 0), dropsAt(4, 12, 0)}, []api.Drop{drop("failure", 12)}},
		"it goes on":                 {[]monitor.Snapshot{dropsAt(0, 9, 0), dropsAt(5, 109, 0)}, []api.Drop{lately(drop("failure", 109), 100, 5)}},
		"it ceased":                  {[]monitor.Snapshot{dropsAt(0, 9, 0), dropsAt(5, 9, 0)}, []api.Drop{lately(drop("failure", 9), 0, 5)}},
		"it began":                   {[]monitor.Snapshot{dropsAt(0, 0, 0), dropsAt(6, 7, 0)}, []api.Drop{lately(drop("failure", 7), 7, 6)}},
		"counted anew":               {[]monitor.Snapshot{dropsAt(0, 900, 0), dropsAt(6, 7, 0)}, []api.Drop{lately(drop("failure", 7), 7, 6)}},
		"the oldest of a minute":     {[]monitor.Snapshot{dropsAt(0, 1, 0), dropsAt(20, 2, 0), dropsAt(40, 4, 0), dropsAt(70, 8, 0)}, []api.Drop{lately(drop("failure", 8), 6, 50)}},
		"an hour ago tells nothing":  {[]monitor.Snapshot{dropsAt(0, 1, 0), dropsAt(3600, 2, 0)}, []api.Drop{drop("failure", 2)}},
		"what goes on before others": {[]monitor.Snapshot{dropsAt(0, 900, 1), dropsAt(6, 900, 3)}, []api.Drop{lately(drop("mtu_exceeded", 3), 2, 6), lately(drop("failure", 900), 0, 6)}},
	} {
		t.Run(name, func(t *testing.T) {
			var b dropBook
			var got map[string][]api.Drop
			for _, s := range c.looks {
				got = b.look(s)
			}
			if diff := cmp.Diff(c.want, got["vm1"]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What of a port's drops is a reason, what a note, and in which words.
func TestDropReasons(t *testing.T) {
	is := func(n uint64) *uint64 { return &n }
	mtu := int64(1500)
	for name, c := range map[string]struct {
		port          api.Port
		row           vswitch.ObservedRow
		reason, notes []string
	}{
		"a full ring": {
			port: api.Port{Name: "vm2", Drops: []api.Drop{{Direction: "tx", Cause: "failure", Packets: 22872, Recent: is(15000), Seconds: 30}}},
			reason: []string{
				"port vm2 drops 500 packets/s on the way to it: tx failure, 15000 in the last 30 s, 22872 since its counters began: The tx queue was full.",
				"rx_queue_size=1024", "docs/drops.md#tx-failure",
			},
		},
		"the MTU": {
			port:   api.Port{Name: "vm2", MTU: &mtu, Drops: []api.Drop{{Direction: "tx", Cause: "mtu_exceeded", Packets: 1000, Recent: is(4), Seconds: 40}}},
			reason: []string{"0.1 packets/s", "tx mtu_exceeded", "Its MTU is 1500.", "docs/drops.md#tx-mtu_exceeded"},
		},
		"somebody's policer": {
			port:   api.Port{Name: "uplink", Drops: []api.Drop{{Direction: "rx", Cause: "qos", Packets: 2019, Recent: is(2019), Seconds: 10}}},
			row:    vswitch.ObservedRow{Row: vswitch.Row{ID: vswitch.ID{Table: vswitch.IfaceTable, Name: "uplink"}, Settings: vswitch.Settings{"ingress_policing_rate": "1000"}}},
			reason: []string{"that come from it: rx qos", "ingress_policing_rate=1000 kbit/s, is not the profile's", "ovs-vsctl set Interface uplink ingress_policing_rate=0"},
		},
		"it ceased": {
			port:  api.Port{Name: "vm2", Drops: []api.Drop{{Direction: "tx", Cause: "failure", Packets: 7872, Recent: is(0), Seconds: 30}}},
			notes: []string{"port vm2 dropped packets: tx failure, 7872 since its counters began, none in the last 30 s"},
		},
		"a bridge's own port hears what is flooded": {
			port:  api.Port{Name: "br-int", Type: "internal", Drops: []api.Drop{{Direction: "tx", Cause: "device", Packets: 395, Recent: is(5), Seconds: 30}}},
			notes: []string{"port br-int drops 0.2 packets/s on the way to it: tx device"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			reasons, notes := dropReasons(c.port, c.row)
			told := func(what string, words []string, got []api.Reason) {
				if len(words) > 0 != (len(got) > 0) {
					t.Fatalf("%s: %+v", what, got)
				}
				for _, word := range words {
					if text := got[0].What + "\n" + got[0].Fix; !strings.Contains(text, word) {
						t.Errorf("%s: no %q in:\n%s", what, word, text)
					}
				}
			}
			told("reasons", c.reason, reasons)
			told("notes", c.notes, notes)
		})
	}
}
