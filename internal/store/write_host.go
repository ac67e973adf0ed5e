package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// What a host writes about itself. In a fleet with roles it may write nothing
// else; so none of this counts in Global.

// Report writes a host's status: that it lives, and whose generation's flows it has. A
// Generation of 0 leaves the one that is there.
func (c *Client) Report(ctx context.Context, s logical.HostStatus) error {
	r := row{"last_seen": millis(s.LastSeen)}
	if s.Generation > 0 {
		r["generation"] = s.Generation
	}
	results, err := c.transact(ctx, op{"op": "update", "table": "Host_Status", "where": []any{is("host", s.Host)}, "row": r})
	if err != nil {
		return err
	}
	if n, err := countOf(results[0]); err != nil || n > 0 {
		return err
	}
	r["host"] = s.Host
	_, err = c.transact(ctx, insertOp("Host_Status", "", r))
	return err
}

// Statuses returns what all hosts said of themselves last, by name.
func (c *Client) Statuses(ctx context.Context) ([]logical.HostStatus, error) {
	s, err := c.open(ctx, false)
	if err != nil {
		return nil, err
	}
	defer s.close()
	results, err := s.transact(ctx, Database, selectOp("Host_Status"))
	if err != nil {
		return nil, err
	}
	rows, err := rowsOf(results[0])
	if err != nil {
		return nil, err
	}
	var all []logical.HostStatus
	var r reader
	for _, row := range rows {
		r.open(row)
		all = append(all, logical.HostStatus{Host: r.text("host"), LastSeen: r.millis("last_seen"), Generation: number[uint64](&r, "generation")})
		if r.fault != nil {
			return nil, r.fault
		}
	}
	slices.SortFunc(all, func(a, b logical.HostStatus) int { return strings.Compare(a.Host, b.Host) })
	return all, nil
}

// DrainHost says whether others shall no longer choose a host as an edge.
func (c *Client) DrainHost(ctx context.Context, name string, drained bool) error {
	return c.change(ctx, func(v *view) error {
		h, err := v.hostNamed(name)
		if err != nil {
			return err
		}
		v.add(updateOp("Host", h.ID.UUID(), row{"drained": drained}))
		return nil
	})
}

// DeleteHost removes a host, its status and its bindings. One that still runs
// registers itself again.
func (c *Client) DeleteHost(ctx context.Context, name string) error {
	return c.change(ctx, func(v *view) error {
		h, err := v.hostNamed(name)
		if err != nil {
			return err
		}
		v.add(deleteOp("Binding", is("host", h.Name)), deleteOp("Host_Status", is("host", h.Name)), deleteOp("Host", is("name", h.Name)))
		return nil
	})
}

// hostNamed takes a name or a system-id.
func (v *view) hostNamed(name string) (*logical.Host, error) {
	if err := v.look(selectOp("Host", is("name", name)), selectOp("Host", is("system_id", name))); err != nil {
		return nil, err
	}
	h := v.found.HostByName(name)
	if h == nil {
		return nil, &logical.MissingError{Kind: logical.KindHost, Name: name}
	}
	return h, nil
}

// Bind says that ports are on a host, each above all other bindings of it. A port
// that is bound there already stays as it is; one that is gone is left out.
func (c *Client) Bind(ctx context.Context, host string, ports ...logical.ID[logical.SwitchPort]) error {
	if len(ports) == 0 {
		return nil
	}
	for range attempts {
		err := c.bind(ctx, host, ports)
		var remote *RemoteError
		// The port was deleted, or bound by a second writer, in between.
		if errors.As(err, &remote) && (remote.Code == "constraint violation" || remote.Code == "referential integrity violation") {
			continue
		}
		return err
	}
	return ErrBusy
}

func (c *Client) bind(ctx context.Context, host string, ports []logical.ID[logical.SwitchPort]) error {
	var asked []op
	for _, p := range ports {
		there := selectOp("Switch_Port", is("_uuid", refOf(p)))
		there["columns"] = []string{"_uuid"}
		asked = append(asked, there, selectOp("Binding", is("port", refOf(p))))
	}
	results, err := c.transact(ctx, asked...)
	if err != nil {
		return err
	}
	var ops []op
	for i, p := range ports {
		there, err := rowsOf(results[2*i])
		if err != nil {
			return err
		}
		if len(there) == 0 {
			continue
		}
		o, err := bindOp(host, p, results[2*i+1])
		if err != nil {
			return err
		}
		if o != nil {
			ops = append(ops, o)
		}
	}
	if len(ops) == 0 {
		return nil
	}
	_, err = c.transact(ctx, ops...)
	return err
}

// bindOp is nil when the port's binding is the host's already.
func bindOp(host string, p logical.ID[logical.SwitchPort], result value) (op, error) {
	entities, _, err := tableNamed("Binding").entities(result)
	if err != nil {
		return nil, err
	}
	found, _ := new(logical.Snapshot).With(logical.Changes{Put: entities})
	winner := found.Bound(p)
	if winner != nil && winner.Host == host {
		return nil, nil //nolint:nilnil // nothing to do and nothing wrong
	}
	var seq uint64
	if winner != nil {
		seq = winner.Seq
	}
	for b := range found.Bindings() {
		if b.Host == host {
			return updateOp("Binding", b.ID.UUID(), row{"seq": seq + 1}), nil
		}
	}
	return insertOp("Binding", "", row{"port": refOf(p), "host": host, "seq": seq + 1}), nil
}

// Unbind takes a host's bindings of ports away, those of other hosts not.
func (c *Client) Unbind(ctx context.Context, host string, ports ...logical.ID[logical.SwitchPort]) error {
	var ops []op
	for _, p := range ports {
		ops = append(ops, deleteOp("Binding", is("port", refOf(p)), is("host", host)))
	}
	if len(ops) == 0 {
		return nil
	}
	_, err := c.transact(ctx, ops...)
	return err
}
