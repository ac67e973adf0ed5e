package host_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with testdata/<name>, or writes it with -update: read
// the difference before you commit it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestMachines(t *testing.T) {
	for _, name := range hosttest.Names() {
		t.Run(name, func(t *testing.T) {
			golden(t, name+".golden", hosttest.Topology(t, name).String())
		})
	}
}

func TestJSONReadsBackEqual(t *testing.T) {
	for _, name := range hosttest.Names() {
		t.Run(name, func(t *testing.T) {
			want := hosttest.Topology(t, name)
			text, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			var got host.Topology
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
			again, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(text, again) {
				t.Errorf("second writing differs:\n%s\n%s", text, again)
			}
		})
	}
}
