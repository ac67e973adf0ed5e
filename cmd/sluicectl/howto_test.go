package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/configs"
)

// TestHowTo runs every command of docs/how-to-network.md that stands in a console
// block, one after the other, and holds the page to what they print.
func TestHowTo(t *testing.T) {
	n := newNetwork(t)
	n.check(t, "../../docs/how-to-network.md", func(t *testing.T, page string) string {
		t.Helper()
		var b strings.Builder
		console := false
		for line := range strings.Lines(page) {
			switch {
			case line == "```console\n":
				console = true
			case line == "```\n":
				console = false
			case console && strings.HasPrefix(line, "$ "):
				b.WriteString(line)
				b.WriteString(n.run(t, strings.TrimSpace(line[2:])))
				continue
			case console:
				continue
			}
			b.WriteString(line)
		}
		return b.String()
	})
}

// TestLocalStore makes the store of a host that has none, by its run directory.
func TestLocalStore(t *testing.T) {
	n := newHost(t)
	t.Setenv("SLUICE_OVS_RUN_DIR", n.RunDir())
	settings, err := configs.LoadSettings(nil, configs.DefaultSettingsFile)
	if err != nil || settings.OVS.RunDir != n.RunDir() {
		t.Fatalf("the machine's own switch would be asked: %+v, %v", settings.OVS, err)
	}
	n.env = map[string]string{} // no store is named
	// A real host's control socket is named after the process.
	pid, err := os.ReadFile(n.Path("ovsdb-server.pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(n.DBCtl(), n.Path(fmt.Sprintf("ovsdb-server.%s.ctl", strings.TrimSpace(string(pid))))); err != nil {
		t.Fatal(err)
	}
	n.check(t, "testdata/local-store.txt", n.replay)
}
