package store

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// limit bounds what a test waits for.
func limit(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// rig is an ovsdb-server that serves an empty store beside its own database.
type rig struct {
	*lab.Host
	client *Client
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{Host: lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})}
	r.addDB(t)
	r.client = r.dial(t)
	return r
}

func (r *rig) addDB(t testing.TB) {
	t.Helper()
	server := &unixctl.Client{Program: "ovsdb-server", Socket: r.DBCtl()}
	if err := EnsureLocal(limit(t), server, r.Path("sluice.db"), r.Path("conf.db")); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) dial(t testing.TB) *Client {
	t.Helper()
	c, err := New(Options{Endpoints: []string{r.DBEndpoint()}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// tool runs ovsdb-client, the second pair of eyes.
func (r *rig) tool(t testing.TB, args ...string) string {
	t.Helper()
	out, err := r.Command(limit(t), "ovsdb-client", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ovsdb-client %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// transact sends a transaction as text, past all our checks.
func (r *rig) transact(t testing.TB, ops string) string {
	t.Helper()
	out := r.tool(t, "transact", r.DBEndpoint(), `["Sluice",`+ops+`]`)
	if strings.Contains(out, `"error"`) {
		t.Fatalf("%s: %s", ops, out)
	}
	return out
}

// follower runs Client.Run and keeps what it tells.
type follower struct {
	updates chan Update
	last    Update
}

func (r *rig) follow(t testing.TB, c *Client) *follower {
	t.Helper()
	f := &follower{updates: make(chan Update, 4096)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = c.Run(ctx, func(u Update) { f.updates <- u }) }()
	t.Cleanup(func() { cancel(); <-done })
	return f
}

// until waits for an update that is as asked, and returns it; those before it are
// skipped.
func (f *follower) until(t testing.TB, what string, ok func(Update) bool) Update {
	t.Helper()
	ctx := limit(t)
	for {
		select {
		case u := <-f.updates:
			if f.last = u; ok(u) {
				return u
			}
		case <-ctx.Done():
			t.Fatalf("waited for %s in vain; the last is %v", what, f.last.Delta)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func guest(name string, addresses ...string) logical.SwitchPort {
	p := logical.SwitchPort{Name: name, Security: true}
	for _, a := range addresses {
		p.Addresses = append(p.Addresses, addr(a))
	}
	return p
}
