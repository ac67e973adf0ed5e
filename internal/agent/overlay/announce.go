package overlay

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/store"
)

// announceTimeout bounds one telling.
const announceTimeout = 10 * time.Second

// announcement is what the store is to be told: this host, and which ports are here
// with their flows in.
type announcement struct {
	laid     bool              // false: nothing is known but that this host lives
	snapshot *logical.Snapshot // that was laid
	host     logical.Host
	ports    map[string]openflow.Port
	away     map[string]bool // of them, those that wait for their guest
}

// lives has the store told that this host lives, though nothing could be laid since the
// daemon started. Once something was, telling goes on with that.
func (n *Network) lives(a announcement) {
	n.mu.Lock()
	first := n.latest == nil
	if first || !n.latest.laid {
		n.latest = &a
	}
	n.mu.Unlock()
	if first {
		n.tellNews()
	}
}

// laid has the store told of what is on the bridge now. It does not wait: a store that
// does not answer holds up no packet.
func (n *Network) laid(a announcement) {
	n.mu.Lock()
	n.latest = &a
	n.mu.Unlock()
	n.tellNews()
}

func (n *Network) tellNews() {
	select {
	case n.news <- struct{}{}:
	default:
	}
}

// tell tells the store of what is laid, and that this host lives, until ctx ends.
func (n *Network) tell(ctx context.Context) error {
	logged := said{}
	again := beatEvery
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.news:
		case <-n.clock.After(again):
		}
		n.mu.Lock()
		client, latest := n.client, n.latest
		n.mu.Unlock()
		if client == nil || latest == nil || n.waits() {
			continue
		}
		err := n.announce(ctx, client, *latest)
		if ctx.Err() != nil {
			return nil
		}
		text := ""
		if err != nil {
			text = causes(err.Error())
		}
		n.mu.Lock()
		n.told.Announce = text
		again = untilBeat(n.beat, n.clock.Now(), err)
		n.mu.Unlock()
		if logged.anew(text) {
			n.log.Warn("logical network: the store was not told of this host", "error", text)
		}
	}
}

// announce tells the store of this host and of the ports that are here. It writes
// only what is not so.
func (n *Network) announce(ctx context.Context, client *store.Client, a announcement) error {
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	s, h := a.snapshot, a.host
	is := s.HostByName(h.Name)
	if !a.laid {
		if is == nil || is.SystemID != h.SystemID {
			return nil // another's, or not known yet: it waits until there is something to tell
		}
		return n.live(ctx, client, h.Name, 0)
	}
	if is == nil || is.SystemID != h.SystemID || !slices.Equal(is.Addresses, h.Addresses) ||
		is.Role != h.Role || is.Mode != h.Mode || !slices.Equal(is.Provider, h.Provider) {
		if _, err := client.RegisterHost(ctx, h, n.clock.Now()); err != nil {
			return fmt.Errorf("register this host: %w", err)
		}
	}
	if err := n.live(ctx, client, h.Name, s.Generation()); err != nil {
		return err
	}
	ports, err := n.withoutAwaited(ctx, client, a)
	if err != nil {
		return fmt.Errorf("ask which hosts live: %w", err)
	}
	bind, unbind := bindings(s, h.Name, ports, n.appeared)
	if err := client.Bind(ctx, h.Name, bind...); err != nil {
		return fmt.Errorf("bind ports: %w", err)
	}
	if err := client.Unbind(ctx, h.Name, unbind...); err != nil {
		return fmt.Errorf("unbind ports: %w", err)
	}
	n.here = a.ports
	return nil
}

// withoutAwaited leaves out the ports that another host keeps until their guest is
// here: in a live migration the port is there for the whole copy, and the guest still
// runs where it was. A host that is dead keeps nothing.
func (n *Network) withoutAwaited(ctx context.Context, client *store.Client, a announcement) (map[string]openflow.Port, error) {
	keepers := map[string]string{} // by port
	for name := range a.away {
		if p := a.snapshot.PortByName(name); p != nil {
			if b := a.snapshot.Bound(p.ID); b != nil && b.Host != a.host.Name {
				keepers[name] = b.Host
			}
		}
	}
	if len(keepers) == 0 {
		return a.ports, nil
	}
	said, err := client.Statuses(ctx)
	if err != nil {
		return nil, err
	}
	ports, now := maps.Clone(a.ports), n.clock.Now()
	for name, keeper := range keepers {
		lives := func(h logical.HostStatus) bool { return h.Host == keeper && now.Sub(h.LastSeen) < store.Live }
		if slices.ContainsFunc(said, lives) {
			delete(ports, name)
		}
	}
	return ports, nil
}

// appeared says which interfaces are here now and were not when all was announced
// last; none of those that the daemon found when it started.
func (n *Network) appeared(name string) bool { return n.here != nil && n.here[name] == 0 }

// live tells the store that this host lives, when that is due, and which generation is
// laid; 0 = that did not change.
func (n *Network) live(ctx context.Context, client *store.Client, host string, generation uint64) error {
	now := n.clock.Now()
	n.mu.Lock()
	due := !now.Before(n.beat)
	n.mu.Unlock()
	if !due {
		return nil
	}
	if err := client.Report(ctx, logical.HostStatus{Host: host, LastSeen: now, Generation: generation}); err != nil {
		return fmt.Errorf("tell the store that this host lives: %w", err)
	}
	n.mu.Lock()
	n.beat = nextBeat(now, rand.N)
	n.mu.Unlock()
	return nil
}
