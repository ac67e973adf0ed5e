package store

import (
	"context"
	"maps"
	"slices"
)

// RoleHost is the role of hosts, which show a certificate with their name.
const RoleHost = "host"

// permission is a row of RBAC_Permission: who may insert and delete rows of a
// table and change those columns. Of a row whose column is the name in the
// certificate (ovsdb-server(7), "Role-Based Access Control").
type permission struct {
	column string
	update []string
}

// hostPermissions are what a host may write: what it says of itself. Whose row it
// is cannot be changed, and whether others shall choose it as an edge is not its own
// to say once it is registered.
var hostPermissions = map[string]permission{
	"Host":        {"name", []string{"system_id", "addresses", "role", "mode", "provider", "external_ids"}},
	"Host_Status": {"host", []string{"last_seen", "generation"}},
	"Binding":     {"host", []string{"seq"}},
	"Address":     {"host", []string{"seq"}},
	"Observation": {"host", []string{"stage", "in", "out"}},
}

// Listen makes every member of a cluster listen where target says (pssl:6642,
// ptcp:6642), beside where it listens already. With a role (RoleHost, "" = none)
// the clients of that remote may do what the role allows, and no more. The roles'
// rows become those of this program.
func (c *Client) Listen(ctx context.Context, target, role string) error {
	return c.change(ctx, func(v *view) error {
		v.grant()
		row := row{"target": target, "role": role, "read_only": false}
		there, err := v.some(selectOp("Connection", is("target", target)))
		if err != nil {
			return err
		}
		if there {
			v.add(op{"op": "update", "table": "Connection", "where": []any{is("target", target)}, "row": row})
			return nil
		}
		name := v.name()
		v.add(insertOp("Connection", name, row), op{
			"op": "mutate", "table": "Global", "where": []any{is("_uuid", uuidOf(v.global))},
			"mutations": []any{[]any{"connections", "insert", []any{"set", []any{named(name)}}}},
		})
		return nil
	})
}

// grant writes the rows of the roles anew.
func (v *view) grant() {
	v.add(deleteOp("RBAC_Role", is("name", RoleHost)))
	var pairs []any
	for _, table := range slices.Sorted(maps.Keys(hostPermissions)) {
		p := hostPermissions[table]
		name := v.name()
		v.add(deleteOp("RBAC_Permission", is("table", table)), insertOp("RBAC_Permission", name, row{
			"table": table, "authorization": wordSet([]string{p.column}), "insert_delete": true, "update": wordSet(p.update),
		}))
		pairs = append(pairs, []any{table, named(name)})
	}
	v.add(insertOp("RBAC_Role", "", row{"name": RoleHost, "permissions": []any{"map", pairs}}))
}
