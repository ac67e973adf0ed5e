package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// writes is what the client writes through, nil before.
func (c *Client) writes() *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writer
}

// TestNoRelayInElection: while the members that answer have no leader, who writes waits
// for one, though there is a relay: it would write under its own name, and for as long
// as it lives.
func TestNoRelayInElection(t *testing.T) {
	c := newCluster(t)
	ctx := limit(t)
	r := &rig{Host: c.Host}
	endpoint, _ := c.relay(t, "relay")
	must(t, r.at(t, c.endpoints()...).AddSwitch(ctx, logical.Switch{Name: "web"}))
	old := c.leader(t)
	followers := []string{endpoint}
	for i, e := range c.endpoints() {
		if i != old {
			followers = append(followers, e)
		}
	}
	writer := r.at(t, followers...)
	soon, cancel := context.WithTimeout(ctx, 10*electionPause)
	defer cancel()
	if err := writer.AddPort(soon, "web", guest("early", "10.0.0.1")); !errors.Is(err, ErrDisconnected) || !errors.Is(err, errNoLeader) {
		t.Errorf("without a leader among the members that are named: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- writer.AddPort(ctx, "web", guest("vm1", "10.0.0.2")) }()
	must(t, c.servers[old].Kill())
	must(t, <-done)
	if w := writer.writes(); w == nil || !w.state.clustered {
		t.Errorf("it writes through %+v", w)
	}
}

// TestRelayGivesWay: a relay that was written through because nobody else answered is
// left for the leader once that is there, and what is under way through it comes to its
// end.
func TestRelayGivesWay(t *testing.T) {
	c := newCluster(t)
	ctx := limit(t)
	r := &rig{Host: c.Host}
	endpoint, _ := c.relay(t, "relay")
	late := c.Path("late.sock")
	writer := r.at(t, endpoint, "unix:"+late)
	must(t, writer.AddSwitch(ctx, logical.Switch{Name: "web"}))
	relay := writer.writes()
	if relay == nil || !relay.state.relay {
		t.Fatalf("it writes through %+v", relay)
	}
	must(t, os.Symlink(c.socket(c.leader(t)), late))
	for n := 1; !writer.writes().state.clustered; n++ {
		must(t, writer.AddPort(ctx, "web", guest(fmt.Sprintf("p%d", n), fmt.Sprintf("10.0.0.%d", n))))
		select {
		case <-ctx.Done():
			t.Fatal("it still writes through the relay")
		case <-time.After(relayAgain / 4):
		}
	}
	select {
	case <-relay.done:
	case <-ctx.Done():
		t.Error("the session to the relay stays")
	}
}

// TestForbiddenRelay: what a relay may not write is no word on what the host may.
func TestForbiddenRelay(t *testing.T) {
	r := newRoled(t)
	ctx := limit(t)
	own := r.authority.issue(t, "relay-1")
	cmd := r.Command(context.Background(), "ovsdb-server", "--remote=punix:"+r.Path("relay.sock"), "--unixctl="+r.Path("relay.ctl"),
		"-vconsole:off", "--log-file="+r.Path("relay.log"), "--private-key="+own.Key, "--certificate="+own.Cert, "--ca-cert="+own.CA,
		"relay:"+Database+":"+r.endpoint)
	must(t, cmd.Start())
	(&cluster{Host: r.Host}).run(t, "ovsdb-client", "wait", "unix:"+r.Path("relay.sock"), Database, "connected")
	host := r.at(t, "unix:"+r.Path("relay.sock"), "unix:"+r.Path("late.sock"))
	word := logical.HostStatus{Host: "h1", LastSeen: time.Now()}
	if err := host.Report(ctx, word); !errors.Is(err, ErrForbidden) {
		t.Fatalf("through the relay: %v", err)
	}
	must(t, os.Symlink(r.Path("roled.sock"), r.Path("late.sock")))
	must(t, host.Report(ctx, word))
}

// TestRetire: a session ends when the last answer is there, not before.
func TestRetire(t *testing.T) {
	r := newRig(t)
	ctx := limit(t)
	must(t, r.client.AddSwitch(ctx, logical.Switch{Name: "web"}))
	s, err := dial(ctx, r.DBEndpoint(), TLS{})
	must(t, err)
	slow := make(chan error, 1)
	go func() {
		never := op{"op": "wait", "table": "Switch", "timeout": 500, "columns": []string{"name"}, "until": "==", "where": []any{}, "rows": []any{}}
		_, err := s.transact(ctx, Database, never)
		slow <- err
	}()
	for waiting := 0; waiting == 0; {
		s.mu.Lock()
		waiting = len(s.waiting)
		s.mu.Unlock()
	}
	s.retire()
	var refused *RemoteError
	if err := <-slow; !errors.As(err, &refused) || refused.Code != "timed out" {
		t.Errorf("what was under way: %v", err)
	}
	select {
	case <-s.done:
	case <-ctx.Done():
		t.Error("the session stays")
	}
}
