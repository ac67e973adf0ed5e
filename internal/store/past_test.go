package store

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestPast: what has less than was seen of the same is refused, and none of it kept.
func TestPast(t *testing.T) {
	const id, other = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
	global := func(id, how, row string) value { return value(fmt.Sprintf(`{"Global":{%q:{%q:%s}}}`, id, how, row)) }
	var p past
	for i, try := range []struct {
		updates value
		want    string
	}{
		{global(id, "initial", `{"seq":7}`), ""},
		{global(id, "modify", `{"seq":6}`), "generation 6, and 7 was seen"},
		{global(id, "initial", `{}`), "generation 0, and 7 was seen"},
		{global(id, "modify", `{"connections":["set",[]]}`), ""},
		{global(id, "modify", `{"seq":7}`), ""},
		{global(other, "insert", `{"seq":1}`), ""},
		{global(id, "delete", `null`), ""},
		{global(id, "initial", `{"seq":6}`), "generation 6, and 7 was seen"},
		{global(id, "initial", `{"seq":1048583}`), ""}, // restored
		{value(`{}`), ""},
	} {
		err := p.take(try.updates)
		if (err == nil) != (try.want == "") || err != nil && !strings.Contains(err.Error(), try.want) {
			t.Errorf("%d, %s: %v", i, try.updates, err)
		}
	}
	p.note("a", 9)
	p.note("a", 8)
	p.note("", 8)
	for cluster, want := range map[string]string{"a": "log index 8, and 9 was seen", "b": "", "": ""} {
		p := past{index: p.index}
		err := p.holds(t.Context(), nil, server{cluster: cluster, index: 8})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("cluster %q: %v", cluster, err)
		}
	}
}

// TestOldCopy: the second endpoint serves a copy from earlier. When the first goes the
// copy is not believed, neither by who reads nor by who writes, until an operator says
// that it counts.
func TestOldCopy(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, r.client.AddPort(ctx, "web", guest("forgotten", "10.0.0.1")))
	text, err := os.ReadFile(r.Path("sluice.db"))
	must(t, err)
	must(t, os.WriteFile(r.Path("old.db"), text, 0o600))
	must(t, r.client.DeletePort(ctx, "web", "forgotten"))
	must(t, r.client.AddPort(ctx, "web", guest("another", "10.0.0.1")))
	cmd := r.Command(context.Background(), "ovsdb-server", "--remote=punix:"+r.Path("old.sock"), "--unixctl="+r.Path("old.ctl"),
		"--log-file="+r.Path("old.log"), "-vconsole:off", r.Path("old.db"))
	must(t, cmd.Start())
	r.tool(t, "wait", "unix:"+r.Path("old.sock"), Database, "connected")

	old := "unix:" + r.Path("old.sock")
	for _, endpoints := range [][]string{{r.DBEndpoint(), old}, {old, r.DBEndpoint()}} {
		both, err := New(Options{Endpoints: endpoints, Ordered: true})
		must(t, err)
		t.Cleanup(both.Close)
		if endpoints[0] == old {
			both.past.seq = map[logical.UUID]uint64{globalID(t, r.client): 4}
		}
		f := r.follow(t, both)
		u := f.until(t, "the network", func(u Update) bool { return u.Snapshot != nil })
		if u.Snapshot.PortByName("another") == nil || u.Snapshot.Generation() != 4 {
			t.Fatalf("%v: generation %d", endpoints, u.Snapshot.Generation())
		}
		if endpoints[0] != old {
			continue
		}
		must(t, r.StopDB(ctx))
		f.until(t, "the loss", func(u Update) bool { return u.Snapshot == nil })
		_, err = both.open(ctx, true)
		if err == nil || !strings.Contains(err.Error(), "generation 2, and 4 was seen") {
			t.Errorf("a writer: %v", err)
		}
		_, err = r.at(t, old).Restore(ctx, (&rig{Host: r.Host, client: r.at(t, old)}).save(t), false)
		must(t, err)
		u = f.until(t, "what was restored", func(u Update) bool { return u.Snapshot != nil })
		if u.Snapshot.PortByName("forgotten") == nil || u.Snapshot.Generation() < seqMargin {
			t.Errorf("restored: generation %d", u.Snapshot.Generation())
		}
	}
}

func globalID(t *testing.T, c *Client) logical.UUID {
	t.Helper()
	v := &view{ctx: limit(t), client: c}
	must(t, v.open())
	return v.global
}

// TestIndex: a member that was away is not read from before it has what was seen.
func TestIndex(t *testing.T) {
	c := newCluster(t)
	ctx := limit(t)
	r := &rig{Host: c.Host}
	client := r.at(t, c.endpoints()...)
	must(t, client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	f := r.follow(t, client)
	f.until(t, "the switch", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.SwitchByName("web") != nil })
	s, err := client.open(ctx, true)
	must(t, err)
	t.Cleanup(s.close)
	before := s.state
	if before.cluster == "" || before.index == 0 {
		t.Fatalf("%+v", before)
	}
	must(t, client.AddPort(ctx, "web", guest("vm1", "10.0.0.1")))
	f.until(t, "the port", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.PortByName("vm1") != nil })
	for {
		err := client.past.holds(ctx, s, before)
		if err != nil {
			if !strings.Contains(err.Error(), "behind: it has log index") {
				t.Error(err)
			}
			return
		}
		if ctx.Err() != nil {
			t.Fatal("the index is not followed")
		}
	}
}
