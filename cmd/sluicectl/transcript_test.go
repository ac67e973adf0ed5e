package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
)

// network is a real ovsdb-server with an empty store, and one who works with it.
type network struct {
	*lab.Host
	scrub *strings.Replacer
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	h := lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})
	n := &network{Host: h, scrub: strings.NewReplacer(h.RunDir(), "RUNDIR", t.TempDir(), "TMP")}
	server := &unixctl.Client{Program: "ovsdb-server", Socket: h.DBCtl()}
	if err := store.EnsureLocal(t.Context(), server, h.Path("sluice.db"), h.Path("conf.db")); err != nil {
		t.Fatal(err)
	}
	return n
}

// dial returns a client of the store for what hosts do.
func (n *network) dial(t *testing.T) *store.Client {
	t.Helper()
	c, err := store.New(store.Options{Endpoints: []string{n.DBEndpoint()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// run is one line of a shell: an optional "echo ANSWER |" at a terminal, then a
// call of the tool. A single "> FILE" and "-f FILE" are of the network's directory.
func (n *network) run(t *testing.T, line string) string {
	t.Helper()
	c := call{env: map[string]string{storeVar: n.DBEndpoint(), "NO_COLOR": "1"}}
	if answer, rest, ok := strings.Cut(line, " | "); ok {
		c.stdin, c.terminal, line = strings.TrimPrefix(answer, "echo ")+"\n", true, rest
	}
	line, file, _ := strings.Cut(line, " > ")
	args := words(line)
	if len(args) == 0 || args[0] != "sluicectl" {
		t.Fatalf("%q is no call of sluicectl", line)
	}
	c.args = args[1:]
	for i, arg := range c.args {
		if i > 0 && c.args[i-1] == "-f" {
			c.args[i] = n.Path(arg)
		}
	}
	got := c.at(t, "/nowhere/api.sock")
	if file != "" {
		if err := os.WriteFile(n.Path(file), []byte(got.stdout), 0o600); err != nil {
			t.Fatal(err)
		}
		got.stdout = ""
	}
	text := got.stdout + got.stderr
	if got.code != 0 {
		text += "exit " + string(byte('0'+got.code)) + "\n"
	}
	return n.scrub.Replace(text)
}

// words cuts a line as a shell does: at spaces, unless they are quoted.
func words(line string) []string {
	var all []string
	var word strings.Builder
	var quote rune
	started := false
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, started = r, true
		case r == ' ':
			if started {
				all = append(all, word.String())
			}
			started = false
			word.Reset()
		default:
			started = true
			word.WriteRune(r)
		}
	}
	return all
}

// replay runs the lines of a transcript that begin with "$ ", and returns it with
// what they print now. Comments begin with "## ".
func (n *network) replay(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	first := true
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "## "):
			if !first {
				b.WriteByte('\n')
			}
			b.WriteString(line)
		case strings.HasPrefix(line, "$ "):
			b.WriteString(line)
			b.WriteString(n.run(t, strings.TrimSpace(line[2:])))
		}
		first = false
	}
	return b.String()
}

// TestTranscripts replays what operators do, mistakes included, on a real store.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/network/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t)
			if prepare := prepared[name]; prepare != nil {
				prepare(t, n)
			}
			n.check(t, file, n.replay)
		})
	}
}

// check holds a file to what a replay makes of it.
func (n *network) check(t *testing.T, file string, replay func(*testing.T, string) string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := replay(t, string(want))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(want), got); diff != "" && !*update {
		t.Errorf("%s differs (-want +got), -update rewrites it:\n%s", file, diff)
	}
}

// prepared is what others did before a transcript begins.
var prepared = map[string]func(*testing.T, *network){}
