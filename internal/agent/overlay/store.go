package overlay

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
)

// LocalStore is the store of a host that has none other: a database of its own
// ovsdb-server.
type LocalStore struct {
	RunDir string          // where the switch's and the server's sockets are
	Server *unixctl.Client // of ovsdb-server; nil = the one that RunDir's pidfile names
	// File is where the database is kept, Like the file it gets owner and mode of:
	// the server's own conf.db.
	File, Like string
	// Find, where it is given, says both before each time the server is asked.
	Find func() (file, like string, err error)
}

// ensure has the server serve the store.
func (l LocalStore) ensure(ctx context.Context, server *unixctl.Client) error {
	file, like, err := l.files()
	if err != nil {
		return err
	}
	return store.EnsureLocal(ctx, server, file, like)
}

func (l LocalStore) files() (file, like string, err error) {
	if l.Find != nil {
		return l.Find()
	}
	return l.File, l.Like, nil
}

func (l LocalStore) endpoint() string { return "unix:" + filepath.Join(l.RunDir, "db.sock") }

// follow reads the store, once the profile has an overlay, until ctx ends.
func (n *Network) follow(ctx context.Context) error {
	for overlay, _ := n.daemon.Overlay(); overlay == nil; overlay, _ = n.daemon.Overlay() {
		select {
		case <-ctx.Done():
			return nil
		case <-n.begin:
		}
	}
	opt := n.opt.Store
	local := len(opt.Endpoints) == 0
	if local {
		opt.Endpoints = []string{n.opt.Local.endpoint()}
	}
	client, err := store.New(opt)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer client.Close()
	n.mu.Lock()
	n.client = client
	n.told.Store = "the store at " + strings.Join(opt.Endpoints, ", ") + " has not been reached since the daemon started: what is on the bridge stays as it is"
	n.record()
	n.mu.Unlock()
	group, ctx := errgroup.WithContext(ctx)
	lost := make(chan struct{}, 1)
	group.Go(func() error {
		err := client.Run(ctx, func(u store.Update) { n.update(u, lost) })
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
	if local {
		group.Go(func() error { return n.serve(ctx, lost) })
	}
	return group.Wait()
}

// update takes over what the store tells.
func (n *Network) update(u store.Update, lost chan<- struct{}) {
	for _, f := range u.Faults {
		n.log.Warn("a row of the store is left out", "error", f.Error())
	}
	if u.Snapshot == nil {
		n.mu.Lock()
		n.told.Store = "the store is not reached, what is laid stays as it is: " + causes(errText(u.Err))
		n.record()
		n.mu.Unlock()
		select {
		case lost <- struct{}{}:
		default:
		}
		return
	}
	if !n.trusts(&u) {
		return
	}
	n.mu.Lock()
	n.told.Store, n.told.Unusable, n.told.Newest = "", u.Unusable, u.Snapshot.Generation()
	n.record()
	n.mu.Unlock()
	if n.advance(u.Snapshot, u.Delta) {
		n.daemon.Pass("the logical network asks for other ports")
	}
	n.Poke()
}

// serveAgain is the pause between attempts to have the local store served. Each that
// succeeds cuts all connections of the server, so it had better come before the others
// dial, as the passes do every second.
const serveAgain = redial / 5

// serve sees to it that the host's ovsdb-server serves the local store, again
// whenever the connection was lost: a server that restarts forgets it.
func (n *Network) serve(ctx context.Context, lost <-chan struct{}) error {
	l, logged := n.opt.Local, said{}
	server := cmp.Or(l.Server, unixctl.New(l.RunDir, "ovsdb-server"))
	for {
		err := l.ensure(ctx, server)
		if ctx.Err() != nil {
			return nil
		}
		n.mu.Lock()
		n.told.Local = errText(err)
		n.mu.Unlock()
		if logged.anew(errText(err)) {
			n.log.Warn("local store", "error", err)
		}
		if err == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-lost:
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-n.clock.After(serveAgain):
		}
	}
}
