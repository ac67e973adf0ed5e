package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Laid is the store that the laid flows are of, by the id of its Global row, and
// how far it was. Zero is none: a host that had no network yet, or whose store nobody
// ever wrote to. It lies beside the local store's file, for it has to outlive daemon,
// switch and store.
type Laid struct {
	ID         logical.ID[logical.Global]
	Generation uint64
}

// LaidOf is the store of a snapshot.
func LaidOf(s *logical.Snapshot) Laid { return Laid{s.Store(), s.Generation()} }

// String is "ID, generation N", or "empty".
func (l Laid) String() string {
	if l.ID.IsZero() {
		return "empty"
	}
	return fmt.Sprintf("%s, generation %d", l.ID.UUID(), l.Generation)
}

// laidFormat is the file's one line.
const laidFormat = "store %s generation %d\n"

// ReadLaid reads the file at path. None is no error, nor is a path of "": that is nowhere.
func ReadLaid(path string) (Laid, error) {
	if path == "" {
		return Laid{}, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Laid{}, nil
	}
	if err != nil {
		return Laid{}, err
	}
	l, err := parseLaid(string(text))
	if err != nil {
		return Laid{}, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

func parseLaid(text string) (Laid, error) {
	var id string
	var l Laid
	if _, err := fmt.Sscanf(text, laidFormat, &id, &l.Generation); err != nil {
		return Laid{}, fmt.Errorf("%.80q is not %q", text, laidFormat)
	}
	uuid, err := logical.ParseUUID(id)
	l.ID = logical.ID[logical.Global](uuid)
	return l, err
}

// Write replaces the file at path in one step. Of no store there is none; a path of ""
// is nowhere.
func (l Laid) Write(path string) error {
	if path == "" {
		return nil
	}
	if l.ID.IsZero() {
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
	_, err = fmt.Fprintf(f, laidFormat, l.ID.UUID(), l.Generation)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
