package systemd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// TestStoreUnits: the units of the store are without fault, name directories that
// they make, and have none of root's powers.
func TestStoreUnits(t *testing.T) {
	files, err := filepath.Glob("sluice-store*.service")
	if err != nil || len(files) != 2 {
		t.Fatalf("no units: %v", err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			unit, _ := readUnitFile(t, file)
			if diff := cmp.Diff([]string(nil), words(unit, "CapabilityBoundingSet")); diff != "" {
				t.Errorf("capabilities:\n%s", diff)
			}
			start := strings.Join(words(unit, "ExecStart"), " ")
			for _, dir := range words(unit, "RuntimeDirectory") {
				if !strings.Contains(start, "--remote=punix:/run/"+dir+"/db.sock") || !strings.Contains(start, "--unixctl=/run/"+dir+"/ctl") {
					t.Errorf("sockets are not in /run/%s: %s", dir, start)
				}
			}
			for _, dir := range words(unit, "StateDirectory") {
				if db := "/var/lib/" + dir + "/sluice.db"; !strings.HasSuffix(start, db) || words(unit, "ConditionPathExists")[0] != db {
					t.Errorf("the database is not %s: %s", db, start)
				}
			}
			analyse(t, file, "ExecStart=/usr/sbin/ovsdb-server", "30")
		})
	}
}

// analyse asks systemd itself about a unit; its program need not be installed.
func analyse(t *testing.T, file, start, threshold string) {
	t.Helper()
	analyze := lab.Tool(t, "systemd-analyze", "systemd")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), start) {
		t.Fatalf("no %s", start)
	}
	unit := filepath.Join(t.TempDir(), strings.Replace(file, "@.", "@one.", 1))
	text := strings.Replace(string(data), start, "ExecStart=/bin/true", 1)
	if err := os.WriteFile(unit, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", "--man=no", unit},
		{"security", "--offline=true", "--no-pager", "--threshold=" + threshold, unit}, // in tenths of 10
	} {
		out, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}
