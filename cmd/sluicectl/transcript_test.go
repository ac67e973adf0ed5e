package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/golden"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
	"github.com/sluice-nfv/sluice/internal/store"
)

// network is a real ovsdb-server with an empty store, and one who works with it.
type network struct {
	*lab.Host
	scrub *strings.Replacer
	env   map[string]string
}

// newHost is an ovsdb-server without a store.
func newHost(t *testing.T) *network {
	t.Helper()
	h := lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})
	return &network{Host: h, scrub: strings.NewReplacer(h.RunDir(), "RUNDIR"), env: map[string]string{storeVar: h.DBEndpoint(), "NO_COLOR": "1"}}
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := newHost(t)
	server := &unixctl.Client{Program: "ovsdb-server", Socket: n.DBCtl()}
	if err := store.EnsureLocal(t.Context(), server, n.Path("sluice.db"), n.Path("conf.db")); err != nil {
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
	c := call{env: n.env}
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
		if i > 0 && (c.args[i-1] == "-f" || c.args[i-1] == "backup" || c.args[i-1] == "restore") {
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
	if c.terminal { // where a question, its answer and what follows stand in that order
		text = strings.Replace(got.stderr, "[y/N] ", "[y/N] "+c.stdin, 1) + got.stdout
	}
	if got.code != 0 {
		text += "exit " + string(byte('0'+got.code)) + "\n"
	}
	return uuids.ReplaceAllString(n.scrub.Replace(text), "UUID")
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

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
	golden.Check(t, file, replay(t, string(want)))
}

// prepared is what others did before a transcript begins.
var prepared = map[string]func(*testing.T, *network){
	"ch":        fleet,
	"check":     disputed,
	"import":    documents,
	"tuplenet":  documents,
	"patchport": fleet,
	"trace":     fleet,
}

// fleet is what hosts wrote: an edge and a node live, another node went silent.
func fleet(t *testing.T, n *network) {
	t.Helper()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) // as in world
	st := n.dial(t)
	ctx := t.Context()
	names := []string{"edge1", "nfv-01", "nfv-02"}
	for i, silent := range []time.Duration{2 * time.Second, 5 * time.Second, time.Hour} {
		name := names[i]
		h := logical.Host{Name: name, SystemID: "id-of-" + name, Addresses: []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)})}, Role: logical.RoleNode, Mode: logical.ModeFull}
		if name == "edge1" {
			h.Role, h.Provider = logical.RoleEdge, []string{"physnet1"}
		}
		if _, err := st.RegisterHost(ctx, h, noon); err != nil {
			t.Fatal(err)
		}
		if err := st.Report(ctx, logical.HostStatus{Host: name, LastSeen: noon.Add(-silent), Generation: 7}); err != nil {
			t.Fatal(err)
		}
	}
	web := logical.Switch{Name: "web"}
	if err := st.AddSwitch(ctx, web); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"vm1", "vm2"} {
		p := logical.SwitchPort{Name: name, Addresses: []netip.Addr{netip.AddrFrom4([4]byte{10, 1, 0, byte(11 + i)})}, Security: true}
		if err := st.AddPort(ctx, "web", p); err != nil {
			t.Fatal(err)
		}
	}
	all, _, err := st.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Bind(ctx, "nfv-01", all.PortByName("vm1").ID); err != nil {
		t.Fatal(err)
	}
	if err := st.Bind(ctx, "nfv-02", all.PortByName("vm2").ID); err != nil {
		t.Fatal(err)
	}
}

// documents puts testdata/network/import beside the database.
func documents(t *testing.T, n *network) {
	t.Helper()
	files, err := filepath.Glob("testdata/network/import/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(n.Path(filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTwoWriters lets two operators ask for one address at once: one of them gets
// it, the other is told who has it.
func TestTwoWriters(t *testing.T) {
	n := newNetwork(t)
	n.run(t, "sluicectl ls add web")
	for round := range 5 {
		var said [2]string
		var both sync.WaitGroup
		for i := range said {
			both.Go(func() {
				said[i] = n.run(t, fmt.Sprintf("sluicectl lsp add web vm%d-%d 10.1.0.%d", round, i, round+2))
			})
		}
		both.Wait()
		slices.Sort(said[:])
		won, lost := said[0], said[1]
		var winner int
		if _, err := fmt.Sscanf(won, fmt.Sprintf("port vm%d-%%d added to switch web", round), &winner); err != nil {
			t.Fatalf("nobody was let through: %q", said)
		}
		for _, want := range []string{fmt.Sprintf("is taken by vm%d-%d", round, winner), "exit 4"} {
			if !strings.Contains(lost, want) {
				t.Errorf("the loser was told %q, not %q", lost, want)
			}
		}
	}
}

// disputed is a fleet with what an import from elsewhere brought in, past the
// checks: a second claim on an address, a second binding, a row of nonsense.
func disputed(t *testing.T, n *network) {
	t.Helper()
	fleet(t, n)
	transact := func(ops string) []byte {
		out, err := n.Command(t.Context(), "ovsdb-client", "transact", n.DBEndpoint(), `["Sluice",`+ops+`]`).CombinedOutput()
		if err != nil || strings.Contains(string(out), `"error"`) {
			t.Fatalf("%s: %v: %s", ops, err, out)
		}
		return out
	}
	var found []struct {
		Rows []struct {
			UUID   json.RawMessage `json:"_uuid"`
			Switch json.RawMessage `json:"switch"`
		}
	}
	selected := transact(`{"op":"select","table":"Switch_Port","where":[["name","==","vm1"]],"columns":["_uuid","switch"]}`)
	if err := json.Unmarshal(selected, &found); err != nil {
		t.Fatal(err)
	}
	vm1 := found[0].Rows[0]
	transact(fmt.Sprintf(`{"op":"insert","table":"Switch_Port","row":{"name":"twin","switch":%s,"key":900,"kind":"guest","mac":"02:00:00:00:00:99","addresses":"10.1.0.11","seq":900}},
		{"op":"insert","table":"Switch_Port","row":{"name":"garbage","switch":%[1]s,"key":901,"kind":"guest","mac":"nonsense"}},
		{"op":"insert","table":"Binding","row":{"port":%[2]s,"host":"edge1","seq":900}}`, vm1.Switch, vm1.UUID))
}
