package store

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// cluster is three ovsdb-servers that hold the store together.
type cluster struct {
	*lab.Host
	servers [3]*lab.Cmd
}

func (c *cluster) socket(i int) string { return c.Path(fmt.Sprintf("s%d.sock", i)) }
func (c *cluster) raft(i int) string   { return "unix:" + c.Path(fmt.Sprintf("s%d.raft", i)) }
func (c *cluster) db(i int) string     { return c.Path(fmt.Sprintf("s%d.db", i)) }

func (c *cluster) endpoints() []string {
	var all []string
	for i := range c.servers {
		all = append(all, "unix:"+c.socket(i))
	}
	return all
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	return clusterOf(t, Schema())
}

func clusterOf(t *testing.T, schema []byte) *cluster {
	t.Helper()
	c := &cluster{Host: lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})}
	must(t, os.WriteFile(c.Path("schema"), schema, 0o644))
	c.form(t)
	return c
}

// form makes the databases and starts the servers.
func (c *cluster) form(t *testing.T) {
	t.Helper()
	c.run(t, "ovsdb-tool", "create-cluster", c.db(0), c.Path("schema"), c.raft(0))
	c.start(t, 0)
	for i := 1; i < 3; i++ {
		c.run(t, "ovsdb-tool", "join-cluster", c.db(i), Database, c.raft(i), c.raft(0))
		c.start(t, i)
	}
	for i := range c.servers {
		c.run(t, "ovsdb-client", "wait", "unix:"+c.socket(i), Database, "connected")
	}
}

func (c *cluster) run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := c.Command(limit(t), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func (c *cluster) start(t *testing.T, i int) {
	t.Helper()
	cmd := c.Command(context.Background(), "ovsdb-server", "--remote=punix:"+c.socket(i), "--unixctl="+c.Path(fmt.Sprintf("s%d.ctl", i)),
		"--log-file="+c.Path(fmt.Sprintf("s%d.log", i)), "-vconsole:off", c.db(i))
	must(t, cmd.Start())
	c.servers[i] = cmd
}

// leader is the number of the server that leads.
func (c *cluster) leader(t *testing.T) int {
	t.Helper()
	ctx := limit(t)
	for {
		for i, e := range c.endpoints() {
			s, err := dial(ctx, e, TLS{})
			if err != nil {
				continue
			}
			state, err := serverState(ctx, s)
			s.close()
			if err == nil && state.leader && state.connected {
				return i
			}
		}
		select {
		case <-ctx.Done():
			t.Fatal("nobody leads")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestLeaderKilled: no acknowledged write is lost, the reader goes on where it
// was, and what was not acknowledged is either there or not, never half.
func TestLeaderKilled(t *testing.T) {
	c := newCluster(t)
	ctx := limit(t)
	writer, err := New(Options{Endpoints: c.endpoints()})
	must(t, err)
	t.Cleanup(writer.Close)
	reader, err := New(Options{Endpoints: c.endpoints()})
	must(t, err)
	must(t, writer.AddSwitch(ctx, logical.Switch{Name: "web"}))
	f := (&rig{Host: c.Host}).follow(t, reader)
	f.until(t, "the first load", func(u Update) bool { return u.Reloaded })

	acknowledged := map[string]bool{}
	add := func(i int) {
		name := fmt.Sprintf("p%d", i)
		err := writer.AddPort(ctx, "web", guest(name, fmt.Sprintf("10.0.0.%d", i+1)))
		if err == nil {
			acknowledged[name] = true
		} else if !errors.Is(err, ErrUncertain) && !errors.Is(err, ErrDisconnected) && !errors.As(err, new(*RemoteError)) {
			t.Error(err)
		}
	}
	for i := range 40 {
		if i == 20 {
			must(t, c.servers[c.leader(t)].Kill())
		}
		add(i)
	}
	if len(acknowledged) < 35 {
		t.Errorf("only %d of 40 were acknowledged", len(acknowledged))
	}
	s, _, err := writer.Load(ctx)
	must(t, err)
	for name := range acknowledged {
		if s.PortByName(name) == nil {
			t.Errorf("%s was acknowledged and is lost", name)
		}
	}
	for i := range 40 {
		name, a := fmt.Sprintf("p%d", i), netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)})
		if p := s.PortByName(name); p != s.PortByAddress(s.SwitchByName("web").ID, a) {
			t.Errorf("%s is there by half: port %v, holder of its address %v", name, p, s.PortByAddress(s.SwitchByName("web").ID, a))
		}
	}
	f.until(t, "the reader to have all", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.Generation() >= s.Generation() })
}

// TestResume: a server that knows the last transaction sends what came since.
func TestResume(t *testing.T) {
	c := newCluster(t)
	ctx := limit(t)
	writer, err := New(Options{Endpoints: c.endpoints()})
	must(t, err)
	t.Cleanup(writer.Close)
	follower := (c.leader(t) + 1) % 3
	reader, err := New(Options{Endpoints: append(c.endpoints()[follower:follower+1], c.endpoints()...), Ordered: true})
	must(t, err)
	// A server keeps no more history than it has data (ovsdb_txn_history_run in
	// ovsdb/transaction.c): an almost empty one knows nothing of before.
	var ballast []op
	for i := range 500 {
		ballast = append(ballast, insertOp("Address_Set", "", row{"name": fmt.Sprintf("set%d", i), "prefixes": wordSet([]string{"10.0.0.0/8", "192.0.2.0/24"})}))
	}
	_, err = writer.transact(ctx, ballast...)
	must(t, err)
	must(t, writer.AddSwitch(ctx, logical.Switch{Name: "web"}))
	f := (&rig{Host: c.Host}).follow(t, reader)
	f.until(t, "the switch", func(u Update) bool { return u.Snapshot.SwitchByName("web") != nil })
	must(t, writer.AddPort(ctx, "web", guest("before", "10.0.0.1")))
	f.until(t, "the port", func(u Update) bool { return u.Snapshot.PortByName("before") != nil })
	must(t, c.servers[follower].Kill())
	f.until(t, "the loss", func(u Update) bool { return u.Snapshot == nil })
	must(t, writer.AddPort(ctx, "web", guest("after", "10.0.0.2")))
	u := f.until(t, "the new port", func(u Update) bool { return u.Snapshot != nil && u.Snapshot.PortByName("after") != nil })
	if u.Reloaded {
		t.Error("the store was read whole")
	}
}

// TestMinority: a server without its cluster is not read from.
func TestMinority(t *testing.T) {
	c := newCluster(t)
	ctx := limit(t)
	alone := (c.leader(t) + 1) % 3
	for i := range c.servers {
		if i != alone {
			must(t, c.servers[i].Kill())
		}
	}
	client, err := New(Options{Endpoints: []string{"unix:" + c.socket(alone)}})
	must(t, err)
	for {
		_, _, err := client.Load(ctx)
		if err != nil {
			if !strings.Contains(err.Error(), "cut off from its cluster") {
				t.Error(err)
			}
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("a server without its cluster still serves")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestTLS: both sides show a certificate of the one CA.
func TestTLS(t *testing.T) {
	r := newRig(t)
	pki := r.Path("pki")
	for _, args := range [][]string{{"init"}, {"req+sign", "server", "switch"}, {"req+sign", "host1", "switch"}} {
		cmd := r.Command(limit(t), "ovs-pki", append([]string{"--dir=" + pki, "--log=" + r.Path("pki.log"), "-B", "2048"}, args...)...)
		cmd.Dir = r.RunDir()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("ovs-pki %v: %v\n%s", args, err, out)
		}
	}
	ca := filepath.Join(pki, "switchca", "cacert.pem")
	cmd := r.Command(context.Background(), "ovsdb-server", "--remote=pssl:0:127.0.0.1", "--unixctl="+r.Path("tls.ctl"), "-vconsole:off",
		"--log-file="+r.Path("tls.log"), "--private-key="+r.Path("server-privkey.pem"), "--certificate="+r.Path("server-cert.pem"),
		"--ca-cert="+ca, r.Path("tls.db"))
	file, err := Empty()
	must(t, err)
	must(t, os.WriteFile(r.Path("tls.db"), file, 0o644))
	must(t, cmd.Start())
	port := listening(t, r.Path("tls.log"))
	files := TLS{CA: ca, Cert: r.Path("host1-cert.pem"), Key: r.Path("host1-privkey.pem")}
	c, err := New(Options{Endpoints: []string{"ssl:127.0.0.1:" + port}, TLS: files})
	must(t, err)
	t.Cleanup(c.Close)
	must(t, c.AddSwitch(limit(t), logical.Switch{Name: "web"}))
	stranger := files
	stranger.CA = r.Path("host1-cert.pem")
	c, err = New(Options{Endpoints: []string{"ssl:127.0.0.1:" + port}, TLS: stranger})
	must(t, err)
	if _, _, err := c.Load(limit(t)); err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("a server of another CA: %v", err)
	}
}

// listening is the port that a server says it chose.
func listening(t *testing.T, log string) string {
	t.Helper()
	ctx := limit(t)
	for {
		text, _ := os.ReadFile(log)
		if _, after, ok := strings.Cut(string(text), "listening on port "); ok {
			return strings.TrimSpace(strings.SplitN(after, "\n", 2)[0])
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no port in %s", text)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
