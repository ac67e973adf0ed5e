package overlay

import (
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
	"github.com/sluice-nfv/sluice/monitor"
)

// slowStore is a network whose local store takes its time to be found, and which store
// its flows are of with it.
func slowStore(t *testing.T, file string) (n *Network, asked <-chan struct{}, found chan<- struct{}) {
	ask, find := make(chan struct{}), make(chan struct{})
	n = &Network{
		log: slog.New(slog.DiscardHandler), recorder: monitor.NewRecorder(monitor.Build{}), clock: wallClock{},
		daemon: aside{},
	}
	n.opt.Local.Find = func() (string, string, error) {
		ask <- struct{}{}
		<-find
		return file, "", nil
	}
	t.Cleanup(func() { close(find) })
	return n, ask, find
}

// storeOf is a network of the store with this id.
func storeOf(id byte, generation uint64) *logical.Snapshot {
	s, _ := new(logical.Snapshot).With(logical.Changes{Put: []logical.Entity{&logical.Global{ID: logical.ID[logical.Global]{id}, Seq: generation}}})
	return s
}

// TestStatusOverSlowDisk: while it is read or written of which store the laid flows are,
// the network tells of itself.
func TestStatusOverSlowDisk(t *testing.T) {
	first, second := storeOf(1, 1), storeOf(2, 1)
	n, asked, found := slowStore(t, filepath.Join(t.TempDir(), "sluice.db"))
	for _, work := range []struct {
		name string
		do   func() error
	}{
		{"read", func() error { n.trusts(&store.Update{Snapshot: first}); return nil }},
		{"write", func() error { n.remember(networkState{snapshot: first}); return nil }},
		{"accept", func() error { n.trusts(&store.Update{Snapshot: second}); return n.accept() }},
	} {
		worked := make(chan error, 1)
		go func() { worked <- work.do() }()
		<-asked
		told := make(chan struct{})
		go func() { defer close(told); _, _ = n.Status(), n.Snapshot() }()
		select {
		case <-told:
		case <-time.After(10 * time.Second):
			t.Errorf("%s: no status before the disk is done", work.name)
		}
		found <- struct{}{}
		if err := <-worked; err != nil {
			t.Errorf("%s: %v", work.name, err)
		}
		<-told
	}
	if n.Snapshot() != second {
		t.Error("the accepted store is not followed")
	}
}

// TestRememberOvertaken: flows of the former store that were still being laid while the
// operator accepted another do not bring the former back.
func TestRememberOvertaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sluice.db")
	n := &Network{
		log: slog.New(slog.DiscardHandler), recorder: monitor.NewRecorder(monitor.Build{}), clock: wallClock{},
		daemon: aside{},
	}
	n.opt.Local.File = file
	laid := func() store.Laid {
		l, err := store.ReadLaid(n.opt.Local.laidFile())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return l
	}
	first, second := storeOf(1, 7), storeOf(2, 3)
	n.trusts(&store.Update{Snapshot: first})
	n.advance(first, nil)
	under := n.take()
	n.remember(under)
	if laid() != store.LaidOf(first) {
		t.Fatalf("laid is %s", laid())
	}
	under.snapshot = storeOf(1, 8)
	if n.trusts(&store.Update{Snapshot: second}) {
		t.Fatal("another store is trusted")
	}
	if err := n.accept(); err != nil {
		t.Fatal(err)
	}
	n.remember(under)
	if laid() != store.LaidOf(second) {
		t.Errorf("laid is %s after the former store's flows were in", laid())
	}
	if !n.trusts(&store.Update{Snapshot: storeOf(2, 4)}) {
		t.Error("the accepted store has to be accepted again")
	}
}
