package store

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Live is how long after its last word a host is taken for alive.
const Live = time.Minute

// RegisterHost writes a host's row, whose index the store chooses when it is new,
// and returns it. Drained stays as it is.
//
// It is refused with a *logical.DuplicateError while another machine that lives has
// one of its addresses, its system-id, or its name with another system-id. A machine
// is taken for gone when its word in Host_Status has been the same for Live since this
// client asked first, by now alone: no two clocks are compared. So who replaces a
// machine calls again and again for that long, and must not Report before.
func (c *Client) RegisterHost(ctx context.Context, h logical.Host, now time.Time) (*logical.Host, error) {
	h.Role, h.Mode = or(h.Role, logical.RoleNode), or(h.Mode, logical.ModeFull)
	h.ID, h.Index, h.Drained = logical.ID[logical.Host]{}, 0, false
	if err := logical.Validate(&h); err != nil {
		return nil, err
	}
	for range attempts {
		registered, err := c.register(ctx, h, now)
		var remote *RemoteError
		if errors.As(err, &remote) && (remote.Code == "constraint violation" || remote.Code == "timed out") {
			continue // another host took the index, or something that was looked at changed
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
	words, err := lastSeen(results[1])
	if err != nil {
		return nil, err
	}
	hosts, _ := new(logical.Snapshot).With(logical.Changes{Put: entities})
	guard := hostGuard(hosts, &h)
	for _, r := range rivals(hosts, &h) {
		if c.lives(r.host.Name, words[r.host.Name], now) {
			return nil, fmt.Errorf("%w (%s)", &logical.DuplicateError{What: r.what, Owner: r.owner()}, r.remedy())
		}
		guard = append(guard, sameWord(r.host.Name, words))
	}
	if old := hosts.HostByName(h.Name); old != nil && old.Name == h.Name {
		h.ID, h.Index, h.Drained = old.ID, old.Index, old.Drained
		r := encodeHost(&h)
		// What a host may not write of its own row, the name included.
		for _, column := range []string{"name", "index", "drained"} {
			delete(r, column)
		}
		_, err := c.transact(ctx, append(guard, updateOp("Host", h.ID.UUID(), r))...)
		return &h, err
	}
	if h.Index, err = freeIndex(hosts); err != nil {
		return nil, err
	}
	results, err = c.transact(ctx, append(guard, insertOp("Host", "", encodeHost(&h)))...)
	if err != nil {
		return nil, err
	}
	id, err := insertedOf(results[len(guard)])
	h.ID = logical.ID[logical.Host](id)
	return &h, err
}

func freeIndex(hosts *logical.Snapshot) (logical.HostIndex, error) {
	used := map[uint64]bool{}
	var last uint64
	for other := range hosts.Hosts() {
		used[uint64(other.Index)] = true
		last = max(last, uint64(other.Index))
	}
	index, err := nextKey(last+1, 65535, func(key uint64) (bool, error) { return used[key], nil })
	if err != nil {
		return 0, fmt.Errorf("host indexes: %w", err)
	}
	return logical.HostIndex(index), nil
}

// rival is another machine, and what both would have.
type rival struct {
	host *logical.Host
	what string
	name bool // it is the name
}

func (r rival) owner() string {
	at := "at " + r.host.Addresses[0].String()
	if r.host.SystemID != "" {
		at = "system-id " + r.host.SystemID + " " + at
	}
	if r.name {
		return "another machine, " + at
	}
	return "host " + r.host.Name + ", " + at
}

func (r rival) remedy() string {
	gone := fmt.Sprintf("if that machine is gone for good wait %s, or sluicectl ch del %s", Live, r.host.Name)
	if r.name {
		return "give this machine another host name and start sluiced anew; " + gone
	}
	return gone
}

// rivals are the other machines that have what a host would have.
func rivals(hosts *logical.Snapshot, h *logical.Host) []rival {
	var all []rival
	for other := range hosts.Hosts() {
		if other.Name == h.Name {
			if h.SystemID != "" && other.SystemID != "" && other.SystemID != h.SystemID {
				all = append(all, rival{other, "host name " + h.Name, true})
			}
			continue
		}
		if h.SystemID != "" && other.SystemID == h.SystemID {
			all = append(all, rival{other, "system-id " + h.SystemID, false})
		}
		if i := slices.IndexFunc(h.Addresses, func(a netip.Addr) bool { return slices.Contains(other.Addresses, a) }); i >= 0 {
			all = append(all, rival{other, "tunnel address " + h.Addresses[i].String(), false})
		}
	}
	return all
}

// lastWord is a host's last one, and when this client met it first.
type lastWord struct{ last, met time.Time }

// lives says whether a host may have said something within Live: unless its last word
// has been the same for so long since it was met.
func (c *Client) lives(name string, last, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, known := c.words[name]
	if !known || !w.last.Equal(last) {
		if c.words == nil {
			c.words = map[string]lastWord{}
		}
		c.words[name] = lastWord{last, now}
		return true
	}
	return now.Sub(w.met) < Live
}

// hostGuard refuses the transaction when who has the host's name, system-id or
// addresses is not as it was read.
func hostGuard(hosts *logical.Snapshot, h *logical.Host) []op {
	guard := func(where any, has func(*logical.Host) bool) op {
		rows := []any{}
		for other := range hosts.Hosts() {
			if has(other) {
				rows = append(rows, row{"name": other.Name, "system_id": other.SystemID})
			}
		}
		return unchanged("Host", where, []string{"name", "system_id"}, rows)
	}
	all := []op{guard(is("name", h.Name), func(other *logical.Host) bool { return other.Name == h.Name })}
	if h.SystemID != "" {
		all = append(all, guard(is("system_id", h.SystemID), func(other *logical.Host) bool { return other.SystemID == h.SystemID }))
	}
	for _, a := range h.Addresses {
		all = append(all, guard([]any{"addresses", "includes", a.String()}, func(other *logical.Host) bool { return slices.Contains(other.Addresses, a) }))
	}
	return all
}

// sameWord refuses the transaction when a host said something new.
func sameWord(host string, words map[string]time.Time) op {
	rows := []any{}
	if last, told := words[host]; told {
		rows = append(rows, row{"last_seen": millis(last)})
	}
	return unchanged("Host_Status", is("host", host), []string{"last_seen"}, rows)
}

// unchanged is a guard: the transaction is refused unless a select finds these rows.
func unchanged(table string, where any, columns []string, rows []any) op {
	return op{"op": "wait", "table": table, "timeout": 0, "columns": columns, "until": "==", "where": []any{where}, "rows": rows}
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
