package overlay

import (
	"context"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
)

// newStore is a store without a switch, empty, and a client of it. The context bounds
// the test.
func newStore(t *testing.T) (context.Context, *store.Client) {
	t.Helper()
	h := lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})
	server := &unixctl.Client{Program: "ovsdb-server", Socket: h.DBCtl()}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	if err := store.EnsureLocal(ctx, server, h.Path("sluice.db"), h.Path("conf.db")); err != nil {
		t.Fatal(err)
	}
	client, err := store.New(store.Options{Endpoints: []string{h.DBEndpoint()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return ctx, client
}

// musts fails the test on an error.
func musts(t *testing.T) func(error) {
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// wallClock is the machine's.
type wallClock struct{}

func (wallClock) Now() time.Time                         { return time.Now() }
func (wallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
