package store

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// roled is a server that hosts reach over TLS with the host's role, and operators
// over its own socket.
type roled struct {
	*rig
	authority *authority
	operator  *Client
	endpoint  string
}

func newRoled(t *testing.T) *roled {
	t.Helper()
	r := &roled{rig: newRig(t), authority: newAuthority(t, "fleet")}
	file, err := Empty()
	must(t, err)
	must(t, os.WriteFile(r.Path("roled.db"), file, 0o644))
	own := r.authority.issue(t, "store-1")
	cmd := r.Command(context.Background(), "ovsdb-server", "--remote=punix:"+r.Path("roled.sock"), "--remote=db:Sluice,Global,connections",
		"--unixctl="+r.Path("roled.ctl"), "-vconsole:off", "--log-file="+r.Path("roled.log"),
		"--private-key="+own.Key, "--certificate="+own.Cert, "--ca-cert="+own.CA, r.Path("roled.db"))
	must(t, cmd.Start())
	r.operator, err = New(Options{Endpoints: []string{"unix:" + r.Path("roled.sock")}})
	must(t, err)
	t.Cleanup(r.operator.Close)
	must(t, r.operator.WaitMember(limit(t), true))
	must(t, r.operator.Listen(limit(t), "pssl:0:127.0.0.1", RoleHost))
	must(t, r.operator.Listen(limit(t), "pssl:0:127.0.0.1", RoleHost)) // again: no second remote
	r.endpoint = "ssl:127.0.0.1:" + listening(t, r.Path("roled.log"))
	return r
}

func (r *roled) as(t *testing.T, name string) *Client {
	t.Helper()
	c, err := New(Options{Endpoints: []string{r.endpoint}, TLS: r.authority.issue(t, name)})
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// TestRoles: a host writes what it says of itself, and nothing else: neither the
// logical network nor what another says.
func TestRoles(t *testing.T) {
	r := newRoled(t)
	ctx := limit(t)
	must(t, r.operator.AddSwitch(ctx, logical.Switch{Name: "web"}))
	must(t, r.operator.AddPort(ctx, "web", guest("vm1", "10.0.0.11")))
	s, _, err := r.operator.Load(ctx)
	must(t, err)
	vm1, web := s.PortByName("vm1"), s.SwitchByName("web")
	now := time.Now()
	h1, h2 := r.as(t, "h1"), r.as(t, "h2")
	hosts := []struct {
		c    *Client
		name string
	}{{h1, "h1"}, {h2, "h2"}}
	for i, h := range hosts {
		host := logical.Host{Name: h.name, SystemID: "id-" + h.name, Addresses: []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)})}}
		for range 2 { // new, then as it is already
			_, err := h.c.RegisterHost(ctx, host, now)
			must(t, err)
			must(t, h.c.Report(ctx, logical.HostStatus{Host: h.name, LastSeen: now, Generation: 3}))
		}
		must(t, h.c.Bind(ctx, h.name, vm1.ID))
	}
	must(t, h1.Bind(ctx, "h1", vm1.ID)) // back: its own row, again above the other's
	claim := row{"switch": refOf(web.ID), "address": "10.0.0.99", "port": refOf(vm1.ID), "host": "h1", "seq": 1}
	_, err = h1.transact(ctx, insertOp("Address", "", claim))
	must(t, err)
	_, err = h1.transact(ctx, insertOp("Observation", "", row{"trace_id": 1, "hop": 0, "host": "h1", "stage": "in"}))
	must(t, err)

	theirs := row{"switch": refOf(web.ID), "address": "10.0.0.98", "port": refOf(vm1.ID), "host": "h1", "seq": 1}
	for what, try := range map[string]func(*Client) error{
		"a switch":           func(c *Client) error { return c.AddSwitch(ctx, logical.Switch{Name: "evil"}) },
		"a port":             func(c *Client) error { return c.AddPort(ctx, "web", guest("evil", "10.0.0.66")) },
		"deletion of a port": func(c *Client) error { return c.DeletePort(ctx, "web", "vm1") },
		"a host as an edge":  func(c *Client) error { return c.DrainHost(ctx, "h2", true) },
		"another host's status": func(c *Client) error {
			return c.Report(ctx, logical.HostStatus{Host: "h1", LastSeen: now, Generation: 99})
		},
		"another host's binding": func(c *Client) error { return c.Unbind(ctx, "h1", vm1.ID) },
		"a binding elsewhere":    func(c *Client) error { return c.Bind(ctx, "h3", vm1.ID) },
		"another host's row": func(c *Client) error {
			_, err := c.RegisterHost(ctx, logical.Host{Name: "h1", Addresses: []netip.Addr{addr("192.0.2.9")}}, now)
			return err
		},
		"another host's claim": func(c *Client) error { _, err := c.transact(ctx, insertOp("Address", "", theirs)); return err },
		"its row as another's": func(c *Client) error {
			_, err := c.transact(ctx, op{"op": "update", "table": "Host_Status", "where": []any{is("host", "h2")}, "row": row{"host": "h9"}})
			return err
		},
		"the roles": func(c *Client) error { return c.Listen(ctx, "pssl:1:127.0.0.1", "") },
	} {
		err := try(h2)
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		} else if text := err.Error(); !strings.Contains(text, "RBAC rules for client") {
			t.Errorf("%s: %s", what, text)
		}
	}
	after, _, err := r.operator.Load(ctx)
	must(t, err)
	if b := after.Bound(vm1.ID); b == nil || b.Host != "h1" || after.SwitchByName("evil") != nil || after.Generation() != s.Generation() {
		t.Errorf("after all refusals: bound %+v, generation %d, was %d", b, after.Generation(), s.Generation())
	}
	// One whom nobody vouched for is not let in at all.
	files := newAuthority(t, "others").issue(t, "h1")
	files.CA = r.authority.file
	stranger, err := New(Options{Endpoints: []string{r.endpoint}, TLS: files})
	must(t, err)
	if _, _, err := stranger.Load(ctx); err == nil {
		t.Error("a certificate of another CA is taken")
	}
}
