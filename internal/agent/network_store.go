package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
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
}

func (l LocalStore) endpoint() string { return "unix:" + filepath.Join(l.RunDir, "db.sock") }

// follow reads the store, once the profile has an overlay, until ctx ends.
func (n *network) follow(ctx context.Context) error {
	for overlay, _ := n.overlay(); overlay == nil; overlay, _ = n.overlay() {
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
func (n *network) update(u store.Update, lost chan<- struct{}) {
	for _, f := range u.Faults {
		n.log.Warn("a row of the store is left out", "error", f.Error())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if u.Snapshot == nil {
		n.told.Store = "the store is not reached: what is laid stays as it is"
		select {
		case lost <- struct{}{}:
		default:
		}
		return
	}
	n.told.Store = ""
	n.next.snapshot = u.Snapshot
	n.next.delta = append(n.next.delta, u.Delta...)
	n.poke()
}

// serve sees to it that the host's ovsdb-server serves the local store, again
// whenever the connection was lost: a server that restarts forgets it.
func (n *network) serve(ctx context.Context, lost <-chan struct{}) error {
	l, said := n.opt.Local, ""
	server := cmp.Or(l.Server, unixctl.New(l.RunDir, "ovsdb-server"))
	for {
		err := store.EnsureLocal(ctx, server, l.File, l.Like)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && err.Error() != said {
			said = err.Error()
			n.log.Warn("local store", "error", err)
		}
		if err == nil {
			said = ""
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
		case <-n.clock.After(redial):
		}
	}
}

// announce tells the store of this host and of the ports that are here. It writes
// only what is not so.
func (n *network) announce(ctx context.Context, s *logical.Snapshot, h logical.Host, ports map[string]openflow.Port) error {
	n.mu.Lock()
	client := n.client
	n.mu.Unlock()
	if client == nil {
		return errors.New("the store has not been reached yet")
	}
	is := s.HostByName(h.Name)
	if is == nil || is.SystemID != h.SystemID || !slices.Equal(is.Addresses, h.Addresses) ||
		is.Role != h.Role || is.Mode != h.Mode || !slices.Equal(is.Provider, h.Provider) {
		if _, err := client.RegisterHost(ctx, h, n.clock.Now()); err != nil {
			return fmt.Errorf("register this host: %w", err)
		}
	}
	if err := n.live(ctx, client, h.Name, s.Generation()); err != nil {
		return err
	}
	var bind, unbind []logical.ID[logical.SwitchPort]
	for name := range ports {
		if p := s.PortByName(name); p != nil && boundTo(s, p) != h.Name {
			bind = append(bind, p.ID)
		}
	}
	for b := range s.BindingsOn(h.Name) {
		if p := s.Port(b.Port); p != nil && ports[p.Name] == 0 {
			unbind = append(unbind, p.ID)
		}
	}
	if err := client.Bind(ctx, h.Name, bind...); err != nil {
		return fmt.Errorf("bind ports: %w", err)
	}
	if err := client.Unbind(ctx, h.Name, unbind...); err != nil {
		return fmt.Errorf("unbind ports: %w", err)
	}
	return nil
}

func boundTo(s *logical.Snapshot, p *logical.SwitchPort) string {
	if b := s.Bound(p.ID); b != nil {
		return b.Host
	}
	return ""
}

// live tells the store that this host lives, three times while others would wait.
func (n *network) live(ctx context.Context, client *store.Client, host string, generation uint64) error {
	now := n.clock.Now()
	n.mu.Lock()
	due := now.Sub(n.beat) >= store.Live/3
	n.mu.Unlock()
	if !due {
		return nil
	}
	if err := client.Report(ctx, logical.HostStatus{Host: host, LastSeen: now, Generation: generation}); err != nil {
		return fmt.Errorf("tell the store that this host lives: %w", err)
	}
	n.mu.Lock()
	n.beat = now
	n.mu.Unlock()
	return nil
}
