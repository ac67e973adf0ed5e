package ovsdb_test

import (
	"log/slog"
	"strconv"
	"testing"

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
