package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Upgrade is what the schema of this program means to the one that a store has.
type Upgrade struct {
	From, To string   // versions
	Added    []string // "table Meter", "column dns of Switch"
	Removed  []string // what is in the store's schema alone; its data would go
}

// Needed says whether there is something to do.
func (u Upgrade) Needed() bool { return u.From != u.To }

// NewerError says that a store was made or upgraded by a later release.
type NewerError struct{ Store, Program string }

// Error says which versions they are, and what to do.
func (e *NewerError) Error() string {
	return fmt.Sprintf("the store has schema %s and this program %s: use the sluicectl of the later release", e.Store, e.Program)
}

// PlanUpgrade compares the schema of the store with that of this program. It is a
// *NewerError where the store's is later.
func (c *Client) PlanUpgrade(ctx context.Context) (Upgrade, error) {
	s, err := c.open(ctx, false)
	if err != nil {
		return Upgrade{}, err
	}
	defer s.close()
	served, err := schemaOf(ctx, s)
	if err != nil {
		return Upgrade{}, err
	}
	ours, err := builtIn()
	if err != nil {
		return Upgrade{}, err
	}
	return compareSchemas(served, ours)
}

func compareSchemas(served, ours *schema) (Upgrade, error) {
	order, err := compareVersions(served.version, ours.version)
	if err != nil {
		return Upgrade{}, err
	}
	if order > 0 {
		return Upgrade{}, &NewerError{served.version, ours.version}
	}
	return Upgrade{From: served.version, To: ours.version, Added: lacking(served, ours), Removed: lacking(ours, served)}, nil
}

// lacking is what one schema has and the other has not.
func lacking(there, wanted *schema) []string {
	var all []string
	for _, table := range slices.Sorted(maps.Keys(wanted.tables)) {
		have, ok := there.tables[table]
		if !ok {
			all = append(all, "table "+table)
			continue
		}
		for _, column := range slices.Sorted(maps.Keys(wanted.tables[table])) {
			if _, ok := have[column]; !ok {
				all = append(all, "column "+column+" of "+table)
			}
		}
	}
	return all
}

// compareVersions orders x.y.z, RFC 7047's <version>.
func compareVersions(a, b string) (int, error) {
	var v [2][]int
	for i, text := range []string{a, b} {
		for part := range strings.SplitSeq(text, ".") {
			n, err := strconv.Atoi(part)
			if err != nil || n < 0 {
				return 0, fmt.Errorf("schema version %q is not x.y.z", text)
			}
			v[i] = append(v[i], n)
		}
	}
	return slices.Compare(v[0], v[1]), nil
}

// Convert gives the store the schema of this program while it serves: data stay,
// the clients of before connect anew. The roles' rows become those of this program,
// where there are any. What PlanUpgrade calls Removed goes.
func (c *Client) Convert(ctx context.Context) error {
	if _, err := c.PlanUpgrade(ctx); err != nil {
		return err
	}
	w, err := c.leader(ctx)
	if err != nil {
		return err
	}
	state, err := serverState(ctx, w)
	if err != nil {
		return err
	}
	text := schemaText
	if state.clustered {
		if text, err = lasting(text); err != nil {
			return err
		}
	}
	// ovsdb-server(7), "Schema Conversion", since OVS 2.9.
	if _, err := w.call(ctx, "convert", Database, json.RawMessage(text)); err != nil {
		return err
	}
	c.Close() // a converted database drops its sessions
	return c.change(ctx, func(v *view) error {
		roles, err := v.some(selectOp("RBAC_Role"))
		if err != nil || !roles {
			return err
		}
		v.grant()
		return nil
	})
}

// lasting is a schema without ephemeral columns. A cluster has none: its servers
// take a conversion to a schema with some into their log, and then none of them
// gets past it (ovsdb_schema_check_for_ephemeral_columns in ovsdb/ovsdb.c, OVS 3.1).
// ovsdb-tool create-cluster does the same.
func lasting(text []byte) ([]byte, error) {
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	tables, _ := schema["tables"].(map[string]any)
	for _, table := range tables {
		t, _ := table.(map[string]any)
		columns, _ := t["columns"].(map[string]any)
		for _, column := range columns {
			if c, ok := column.(map[string]any); ok {
				delete(c, "ephemeral")
			}
		}
	}
	return json.Marshal(schema)
}
