package store

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// What a host writes about itself. In a fleet with roles it may write nothing
// else; so none of this counts in Global.

// Live is how long after its last word a host is taken for alive.
const Live = time.Minute

// RegisterHost writes a host's row, whose index the store chooses when it is new,
// and returns it. It is refused with a *logical.DuplicateError while another host
// that lives (seen within Live before now) has one of its addresses or its
// system-id. Drained stays as it is.
func (c *Client) RegisterHost(ctx context.Context, h logical.Host, now time.Time) (*logical.Host, error) {
	h.Role, h.Mode = or(h.Role, logical.RoleNode), or(h.Mode, logical.ModeFull)
	h.ID, h.Index, h.Drained = logical.ID[logical.Host]{}, 0, false
	if err := logical.Validate(&h); err != nil {
		return nil, err
	}
	for range attempts {
		registered, err := c.register(ctx, h, now)
		var remote *RemoteError
		if errors.As(err, &remote) && remote.Code == "constraint violation" {
			continue // another host took the index
		}
		return registered, err
	}
	return nil, ErrBusy
}

func (c *Client) register(ctx context.Context, h logical.Host, now time.Time) (*logical.Host, error) {
	results, err := c.transact(ctx, selectOp("Host"), selectOp("Host_Status"))
	if err != nil {
		return nil, err
	}
	entities, _, err := tableNamed("Host").entities(results[0])
	if err != nil {
		return nil, err
	}
	seen, err := lastSeen(results[1])
	if err != nil {
		return nil, err
	}
	hosts, _ := new(logical.Snapshot).With(logical.Changes{Put: entities})
	if err := rivalHost(hosts, &h, func(name string) bool { return now.Sub(seen[name]) < Live }); err != nil {
		return nil, err
	}
	if old := hosts.HostByName(h.Name); old != nil && old.Name == h.Name {
		h.ID, h.Index, h.Drained = old.ID, old.Index, old.Drained
		r := encodeHost(&h)
		// What a host may not write of its own row, the name included.
		for _, column := range []string{"name", "index", "drained"} {
			delete(r, column)
		}
		_, err := c.transact(ctx, updateOp("Host", h.ID.UUID(), r))
		return &h, err
	}
	used := map[uint64]bool{}
	var last uint64
	for other := range hosts.Hosts() {
		used[uint64(other.Index)] = true
		last = max(last, uint64(other.Index))
	}
	index, err := nextKey(last+1, 65535, func(key uint64) (bool, error) { return used[key], nil })
	if err != nil {
		return nil, fmt.Errorf("host indexes: %w", err)
	}
	h.Index = logical.HostIndex(index)
	results, err = c.transact(ctx, insertOp("Host", "", encodeHost(&h)))
	if err != nil {
		return nil, err
	}
	id, err := insertedOf(results[0])
	h.ID = logical.ID[logical.Host](id)
	return &h, err
}

func rivalHost(hosts *logical.Snapshot, h *logical.Host, lives func(string) bool) error {
	for other := range hosts.Hosts() {
		if other.Name == h.Name || !lives(other.Name) {
			continue
		}
		if h.SystemID != "" && other.SystemID == h.SystemID {
			return &logical.DuplicateError{What: "system-id " + h.SystemID, Owner: "host " + other.Name}
		}
		if i := slices.IndexFunc(h.Addresses, func(a netip.Addr) bool { return slices.Contains(other.Addresses, a) }); i >= 0 {
			return &logical.DuplicateError{What: "tunnel address " + h.Addresses[i].String(), Owner: "host " + other.Name}
		}
	}
	return nil
}

func lastSeen(result value) (map[string]time.Time, error) {
	rows, err := rowsOf(result)
	if err != nil {
		return nil, err
	}
	seen := map[string]time.Time{}
	var r reader
	for _, row := range rows {
		r.open(row)
		seen[r.text("host")] = r.millis("last_seen")
	}
	return seen, r.fault
}

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
