package store

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// relay is an ovsdb-server that has no database of its own.
func (c *cluster) relay(t *testing.T, name string) (endpoint string, cmd *lab.Cmd) {
	t.Helper()
	cmd = c.Command(context.Background(), "ovsdb-server", "--remote=punix:"+c.Path(name+".sock"), "--unixctl="+c.Path(name+".ctl"),
		"--log-file="+c.Path(name+".log"), "-vconsole:off", "relay:"+Database+":"+strings.Join(c.endpoints(), ","))
	must(t, cmd.Start())
	c.run(t, "ovsdb-client", "wait", "unix:"+c.Path(name+".sock"), Database, "connected")
	return "unix:" + c.Path(name+".sock"), cmd
}

// TestRelay reads and writes through a relay alone: each write is seen by the next,
// a member that the relay hangs on may go, and one who knows the members too goes on
// without the relay.
func TestRelay(t *testing.T) {
	c := newCluster(t)
	ctx := limit(t)
	r := &rig{Host: c.Host}
	endpoint, relay := c.relay(t, "relay")
	writer := r.at(t, endpoint)
	must(t, writer.AddSwitch(ctx, logical.Switch{Name: "web"}))
	through := r.follow(t, r.at(t, append([]string{endpoint}, c.endpoints()...)...))
	for i := range 20 {
		must(t, writer.AddPort(ctx, "web", guest(fmt.Sprintf("p%d", i), fmt.Sprintf("10.0.0.%d", i+1))))
	}
	direct := r.at(t, c.endpoints()...)
	s, _, err := direct.Load(ctx)
	must(t, err)
	if n := s.Len(logical.KindSwitchPort); n != 20 {
		t.Fatalf("the cluster has %d ports", n)
	}
	through.until(t, "all ports", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.Len(logical.KindSwitchPort) == 20 })
	if m := writer.Members(ctx)[0]; m.Model != ModelRelay || !m.Connected || m.Err != nil {
		t.Errorf("%+v", m)
	}
	// The relay's source goes, whichever it is: the relay looks for another.
	must(t, c.servers[c.leader(t)].Kill())
	must(t, direct.AddPort(ctx, "web", guest("after", "10.0.1.1")))
	through.until(t, "the port of after", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.PortByName("after") != nil })
	must(t, relay.Kill())
	must(t, direct.AddPort(ctx, "web", guest("without", "10.0.1.2")))
	through.until(t, "the port of without", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.PortByName("without") != nil })
}

// TestFreshDatabase: the server is given another database while somebody follows.
// It is what counts from then on.
func TestFreshDatabase(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "old"}))
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "older"}))
	f := r.follow(t, r.dial(t))
	f.until(t, "the first load", func(u Update) bool { return u.Reloaded })
	must(t, r.StopDB(ctx))
	must(t, os.Remove(r.Path("sluice.db")))
	must(t, r.StartDB(ctx))
	r.addDB(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "new"}))
	u := f.until(t, "the new one", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.SwitchByName("new") != nil })
	if u.Snapshot.SwitchByName("old") != nil || u.Snapshot.Generation() != 1 {
		t.Errorf("what is left of the old: %s", describe(u.Snapshot))
	}
}

// TestFreshCluster: the same endpoints, another cluster; its generations are lower,
// and yet it is no member that is behind.
func TestFreshCluster(t *testing.T) {
	c := newCluster(t)
	ctx := limit(t)
	r := &rig{Host: c.Host}
	writer := r.at(t, c.endpoints()...)
	for _, name := range []string{"a", "b", "c"} {
		must(t, writer.AddSwitch(ctx, logical.Switch{Name: name}))
	}
	f := r.follow(t, r.at(t, c.endpoints()...))
	f.until(t, "the first load", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.SwitchByName("c") != nil })
	for i, s := range c.servers {
		must(t, s.Kill())
		must(t, os.Remove(c.db(i)))
		must(t, os.Remove(c.Path(fmt.Sprintf("s%d.raft", i))))
	}
	c.form(t)
	must(t, writer.AddSwitch(ctx, logical.Switch{Name: "new"}))
	u := f.until(t, "the new one", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.SwitchByName("new") != nil })
	if u.Snapshot.Generation() != 1 {
		t.Errorf("generation %d", u.Snapshot.Generation())
	}
}
