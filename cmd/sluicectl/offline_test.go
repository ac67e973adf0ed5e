package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
)

// A plan from facts knows the guard: the daemon would make none of it.
func TestOfflineGuard(t *testing.T) {
	dir := shortDir(t)
	profile := filepath.Join(dir, "host.yaml")
	if err := os.WriteFile(profile, []byte("apiVersion: sluice/v1\nkind: HostProfile\nname: nfv-01\nbridges: [{name: br0}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := call{args: []string{"host", "plan", "-f", profile, "--facts", "testdata/facts-guard.json"}}.at(t, "nowhere/api.sock").String()
	golden.Check(t, "testdata/host-plan-facts-guard.txt", strings.ReplaceAll(got, profile, "PROFILE"))
}
