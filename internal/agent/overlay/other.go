package overlay

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// otherStore is a store that is not the one that the laid flows are of. It waits for
// the operator's word: an empty file in the store's place must not empty the bridge.
type otherStore struct {
	snapshot *logical.Snapshot // its newest; nil = there is none
	delta    logical.Delta     // what differs from the newest that is followed
	why      string
}

// laidFile is where it is kept of which store the laid flows are; "" = nowhere.
func (l LocalStore) laidFile() string {
	file, _, err := l.files()
	if err != nil || file == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(file), "sluice.laid")
}

// todoOther is what the operator does about another store.
const todoOther = "; nothing of it is laid. Bring the right one back, or `sluicectl store accept`"

// differs says why a snapshot is not of the store that the laid flows are of, as it goes on, and what to do about
// it; "" = it is.
func differs(l store.Laid, s *logical.Snapshot) string {
	now := store.LaidOf(s)
	was := "what is laid is of store " + l.String()
	switch {
	case l.ID.IsZero(), now.ID == l.ID && now.Generation >= l.Generation:
		return ""
	case now.ID.IsZero():
		return "the store is an empty one, and " + was + todoOther
	case now.ID == l.ID:
		return "the store is an old copy, of " + now.String() + ", and " + was + todoOther
	default:
		return "the store is another one, " + now.String() + ", and " + was + todoOther
	}
}

// trusts says whether an update may be laid. One of another store than the laid flows
// are of is kept aside, newest last, and said; so is an older copy of the same.
func (n *Network) trusts(u *store.Update) bool {
	n.filing.Lock()
	defer n.filing.Unlock()
	memory, unknown := n.recall()
	n.mu.Lock()
	defer n.mu.Unlock()
	why := unknown
	u.Delta = append(n.other.delta, u.Delta...)
	if why == "" {
		n.memory = &memory
		why = differs(memory, u.Snapshot)
	}
	if why == "" {
		if n.other.snapshot != nil {
			n.log.Info("logical network: the store is the one again that the laid flows are of")
		}
		n.other = otherStore{}
		return true
	}
	if n.other.snapshot == nil {
		n.log.Error("logical network: what is laid stays as it is, and nothing that the store says is laid", "error", why)
	}
	n.other = otherStore{snapshot: u.Snapshot, delta: u.Delta, why: why}
	n.told.Store = why
	n.record()
	return false
}

// recall is of which store the laid flows are, or why that is not known. It needs
// filing.
func (n *Network) recall() (_ store.Laid, unknown string) {
	if n.memory != nil {
		return *n.memory, ""
	}
	memory, err := store.ReadLaid(n.opt.Local.laidFile())
	if err != nil {
		return store.Laid{}, fmt.Sprintf("of which store the laid flows are is not known: %v%s", err, todoOther)
	}
	return memory, ""
}

// waits says whether the store is not to be told of this host: it waits for the
// operator's word, or the host has no part in the network any more.
func (n *Network) waits() bool {
	if overlay, _ := n.daemon.Overlay(); overlay == nil {
		return true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.other.snapshot != nil
}

// remember notes of which store the flows are that were just laid, unless the operator
// accepted another meanwhile.
func (n *Network) remember(next networkState) {
	n.filing.Lock()
	defer n.filing.Unlock()
	now := store.LaidOf(next.snapshot)
	if n.memory == nil || *n.memory == now {
		return
	}
	n.mu.Lock()
	overtaken := next.accepted != n.next.accepted
	if !overtaken {
		n.memory = &now
	}
	n.mu.Unlock()
	if overtaken {
		return
	}
	text := errText(now.Write(n.opt.Local.laidFile()))
	if text != "" && text != n.unwritten {
		n.log.Warn("logical network: another store would not be known as such after a start of the daemon", "error", text)
	}
	n.unwritten = text
}

// accept has the store that waits followed from now on. The operator's word outlives
// the daemon.
func (n *Network) accept() error {
	now, err := n.takeOther()
	if err != nil {
		return err
	}
	n.log.Warn("logical network: the operator accepted another store", "store", now.String())
	n.daemon.Pass("another store was accepted")
	n.Poke()
	return nil
}

// takeOther makes the store that waits the one that is followed, on disk first.
func (n *Network) takeOther() (store.Laid, error) {
	overlay, host := n.daemon.Overlay()
	n.filing.Lock()
	defer n.filing.Unlock()
	other := n.other
	if other.snapshot == nil {
		return store.Laid{}, errNoOther
	}
	now := store.LaidOf(other.snapshot)
	if err := now.Write(n.opt.Local.laidFile()); err != nil {
		return store.Laid{}, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.memory, n.other, n.told.Store = &now, otherStore{}, ""
	n.next.accepted++
	n.record()
	n.advanceFor(overlay, host, other.snapshot, other.delta)
	return now, nil
}

// errNoOther says that nothing waits for the operator's word.
var errNoOther = errors.New("the store is the one that the laid flows are of: there is nothing to accept")

// AcceptStore follows another store than the one that the laid flows are of.
func (n *Network) AcceptStore(_ context.Context, r api.AcceptStoreRequest) (api.AcceptStoreResult, error) {
	l, err := n.laying()
	if err != nil {
		return api.AcceptStoreResult{}, err
	}
	l.mu.Lock()
	other := l.other
	result := api.AcceptStoreResult{}
	if l.memory != nil {
		result.Laid = l.memory.String()
	}
	l.mu.Unlock()
	if other.snapshot == nil {
		if s := l.Status().Store; s != "" {
			return result, api.Unavailable("%s", s)
		}
		result.Store = result.Laid
		return result, nil
	}
	result.Waited, result.Store = true, store.LaidOf(other.snapshot).String()
	result.Switches, result.Ports = other.snapshot.Len(logical.KindSwitch), other.snapshot.Len(logical.KindSwitchPort)
	if r.DryRun {
		return result, nil
	}
	if r.Store != "" && r.Store != result.Store {
		return result, api.Conflict("the store that waits is %s by now, and not %s", result.Store, r.Store).WithFix("look again, and say it again")
	}
	if err := l.accept(); err != nil && !errors.Is(err, errNoOther) {
		return result, fmt.Errorf("accept the store: %w", err)
	}
	return result, nil
}
