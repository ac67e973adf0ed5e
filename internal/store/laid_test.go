package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// What is remembered is read again, replaced, and gone where there is no store.
func TestLaidIsRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sluice.laid")
	id := logical.ID[logical.Global]{15: 7}
	for _, want := range []Laid{{}, {id, 3}, {id, 1 << 60}, {}} {
		if err := want.Write(path); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadLaid(path); err != nil || got != want {
			t.Errorf("wrote %v, read %v %v", want, got, err)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("there is a file of no store")
	}
}

// A file that says nothing is an error: it must not count as none.
func TestLaidUnreadable(t *testing.T) {
	for _, text := range []string{"", "store x generation 1\n", "store 00000000-0000-0000-0000-000000000007\n", "garbage"} {
		path := filepath.Join(t.TempDir(), "sluice.laid")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadLaid(path); err == nil {
			t.Errorf("%q: read %v", text, got)
		}
	}
}
