package ovsdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/ovn-kubernetes/libovsdb/ovsdb"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Reading is what ovs-vswitchd counts of an interface. Its columns are not in the
// mirror, which would be woken by each: they are asked for. Nil is an empty column.
type Reading struct {
	Statistics  map[string]int64
	LinkResets  *int64
	LACPCurrent *bool
	// BFD is bfd_status: "state", "flap_count", ...; empty without a session.
	BFD map[string]string
}

// Readings returns the readings of every interface by its name, as the server has
// them now. ovs-vswitchd writes statistics every 5 s, the rest as it changes. The maps
// of a Reading are shared and must not be changed.
func (c *Client) Readings(ctx context.Context) (map[string]Reading, error) {
	if err := c.ended(); err != nil {
		return nil, err
	}
	path, ok := strings.CutPrefix(c.endpoint, "unix:")
	if !ok {
		return c.readSlowly(ctx)
	}
	readings, err := c.follows.readings(ctx, c.alive, path)
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	return readings, nil
}

// readSlowly asks over the connection of the mirror, where that is no unix socket.
func (c *Client) readSlowly(ctx context.Context) (map[string]Reading, error) {
	ops := []ovsdb.Operation{{
		Op: "select", Table: string(vswitch.IfaceTable), Where: []ovsdb.Condition{},
		Columns: []string{"name", "statistics", "link_resets", "lacp_current", "bfd_status"},
	}}
	results, err := c.transact(ctx, ops)
	if err != nil {
		return nil, fmt.Errorf("read statistics: %w", err)
	}
	out := make(map[string]Reading, len(results[0].Rows))
	for _, row := range results[0].Rows {
		name, _ := row["name"].(string)
		r := Reading{Statistics: integers(row["statistics"]), LinkResets: integer(row["link_resets"]), BFD: texts(row["bfd_status"])}
		if current, ok := row["lacp_current"].(bool); ok { // else an empty set
			r.LACPCurrent = &current
		}
		out[name] = r
	}
	return out, nil
}

func integer(v any) *int64 {
	var n int64
	switch v := v.(type) {
	case int:
		n = int64(v)
	case float64:
		n = int64(v)
	default:
		return nil
	}
	return &n
}

func integers(v any) map[string]int64 {
	m, _ := v.(ovsdb.OvsMap)
	out := make(map[string]int64, len(m.GoMap))
	for k, v := range m.GoMap {
		key, ok := k.(string)
		if n := integer(v); ok && n != nil {
			out[key] = *n
		}
	}
	return out
}

func texts(v any) map[string]string {
	m, _ := v.(ovsdb.OvsMap)
	if len(m.GoMap) == 0 {
		return nil
	}
	out := make(map[string]string, len(m.GoMap))
	for k, v := range m.GoMap {
		key, ok := k.(string)
		if text, is := v.(string); ok && is {
			out[key] = text
		}
	}
	return out
}
