package ovsdb_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Whoever dials while somebody writes misses nothing of it.
func TestDialWhileSomebodyWrites(t *testing.T) {
	h := server(t)
	writer := dial(t, h)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			// Each write has a key of its own: what is missed once stays missing.
			change := vswitch.Change{ID: vswitch.Root, Op: vswitch.Set, Setting: "external_ids:k" + strconv.Itoa(n%1000), New: strconv.Itoa(n)}
			if _, err := writer.Write(limit(t), observe(t, writer), []vswitch.Change{change}); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	var clients []*ovsdb.Client
	for i := range 50 {
		c, err := ovsdb.Dial(limit(t), h.DBEndpoint(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i%10 == 9 { // the more there are, the slower is the writer
			clients = append(clients, c)
			continue
		}
		o := observe(t, writer)
		got := until(t, c, func(got vswitch.Observed) bool { return got.NextCfg >= o.NextCfg })
		root, _ := o.Row(vswitch.Root)
		is, _ := got.Row(vswitch.Root)
		for name, text := range root.Settings {
			have, _ := strconv.Atoi(is.Settings[name])
			if was, err := strconv.Atoi(text); err == nil && have < was {
				t.Fatalf("dial %d: %s is %d, and was %d before", i, name, have, was)
			}
		}
		c.Close()
	}
	close(stop)
	<-stopped
	want := printed(observe(t, writer))
	for _, c := range clients {
		until(t, c, func(o vswitch.Observed) bool { return printed(o) == want })
	}
}

// TestLatest: while nothing changes it is the same value, and after a change another,
// which has it.
func TestLatest(t *testing.T) {
	h := server(t)
	c := dial(t, h)
	vsctl(t, h, "add-br", "br0")
	until(t, c, func(o vswitch.Observed) bool { return len(o.Rows) == 4 })
	var last *vswitch.Observed
	for i := range 20 {
		vsctl(t, h, "set", "Interface", "br0", fmt.Sprintf("mtu_request=%d", 1400+i))
		want := until(t, c, func(o vswitch.Observed) bool {
			row, _ := o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: "br0"})
			return row.Settings["mtu_request"] == strconv.Itoa(1400+i)
		})
		deadline := time.Now().Add(10 * time.Second)
		for {
			got, err := c.Latest(limit(t))
			if err != nil {
				t.Fatal(err)
			}
			diff := cmp.Diff(want, *got)
			if diff == "" {
				if again, err := c.Latest(limit(t)); err != nil || again != got || got == last {
					t.Fatalf("%v: the same value %v, that of before %v", err, again == got, got == last)
				}
				last = got
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the latest is not what the mirror has (-mirror +latest):\n%s", diff)
			}
		}
	}
	c.Close()
	if _, err := c.Latest(limit(t)); !errors.Is(err, ovsdb.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}
