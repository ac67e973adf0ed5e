package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// laidStore is the store that the laid flows are of, by the id of its Global row, and
// how far it was. Zero is none: a host that had no network yet, or whose store nobody
// ever wrote to. It lies beside the local store's file, for it has to outlive daemon,
// switch and store.
type laidStore struct {
	id         logical.ID[logical.Global]
	generation uint64
}

func laidOf(s *logical.Snapshot) laidStore { return laidStore{s.Store(), s.Generation()} }

// String is "ID, generation N", or "empty".
func (l laidStore) String() string {
	if l.id.IsZero() {
		return "empty"
	}
	return fmt.Sprintf("%s, generation %d", l.id.UUID(), l.generation)
}

// todoOther is what the operator does about another store.
const todoOther = "; nothing of it is laid. Bring the right one back, or `sluicectl store accept`"

// differs says why a snapshot is not of this store as it goes on, and what to do about
// it; "" = it is.
func (l laidStore) differs(s *logical.Snapshot) string {
	now := laidOf(s)
	was := "what is laid is of store " + l.String()
	switch {
	case l.id.IsZero(), now.id == l.id && now.generation >= l.generation:
		return ""
	case now.id.IsZero():
		return "the store is an empty one, and " + was + todoOther
	case now.id == l.id:
		return "the store is an old copy, of " + now.String() + ", and " + was + todoOther
	default:
		return "the store is another one, " + now.String() + ", and " + was + todoOther
	}
}

// laidFile is where it is kept; "" = nowhere.
func (l LocalStore) laidFile() string {
	if l.File == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(l.File), "sluice.laid")
}

// laidFormat is the file's one line.
const laidFormat = "store %s generation %d\n"

// recall reads the file. None is no error.
func recall(path string) (laidStore, error) {
	if path == "" {
		return laidStore{}, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return laidStore{}, nil
	}
	if err != nil {
		return laidStore{}, err
	}
	l, err := parseLaid(string(text))
	if err != nil {
		return laidStore{}, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

func parseLaid(text string) (laidStore, error) {
	var id string
	var l laidStore
	if _, err := fmt.Sscanf(text, laidFormat, &id, &l.generation); err != nil {
		return laidStore{}, fmt.Errorf("%.80q is not %q", text, laidFormat)
	}
	uuid, err := logical.ParseUUID(id)
	l.id = logical.ID[logical.Global](uuid)
	return l, err
}

// write replaces the file in one step. Of no store there is none.
func (l laidStore) write(path string) error {
	if path == "" {
		return nil
	}
	if l.id.IsZero() {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // no-op once renamed
	_, err = fmt.Fprintf(f, laidFormat, l.id.UUID(), l.generation)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
