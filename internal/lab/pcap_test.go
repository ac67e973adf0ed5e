package lab_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// What OVS has written so far is read, and a frame that it is just writing is not.
func TestReadPCAP(t *testing.T) {
	head := make([]byte, 24)
	record := func(frame ...byte) []byte {
		b := binary.NativeEndian.AppendUint32(make([]byte, 8), uint32(len(frame)))
		return append(binary.NativeEndian.AppendUint32(b, uint32(len(frame))), frame...)
	}
	for name, tt := range map[string]struct {
		text []byte
		want [][]byte
	}{
		"nothing":             {nil, nil},
		"half a head":         {head[:10], nil},
		"no frame":            {head, nil},
		"two":                 {slices.Concat(head, record(1, 2, 3), record(4, 5)), [][]byte{{1, 2, 3}, {4, 5}}},
		"one and a half":      {slices.Concat(head, record(1, 2, 3), record(4, 5)[:17]), [][]byte{{1, 2, 3}}},
		"one and half a head": {slices.Concat(head, record(1, 2, 3), record(4, 5)[:5]), [][]byte{{1, 2, 3}}},
	} {
		path := filepath.Join(t.TempDir(), "tx.pcap")
		if err := os.WriteFile(path, tt.text, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := lab.ReadPCAP(path)
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	if _, err := lab.ReadPCAP(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was read")
	}
}

// What is written for a guest to replay is read as it was.
func TestWritePCAP(t *testing.T) {
	path := filepath.Join(t.TempDir(), "replay.pcap")
	want := [][]byte{{1, 2, 3}, {4, 5}}
	if err := lab.WritePCAP(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := lab.ReadPCAP(path)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}
