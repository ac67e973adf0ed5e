package bench

import (
	"crypto/sha1" //nolint:gosec // the checksum of OVSDB's log format, not a secret
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/store"
)

// dbRow is a row of OVSDB in JSON, RFC 7047 section 5.1.
type dbRow map[string]any

func dbSet(values ...any) any {
	if values == nil {
		values = []any{}
	}
	return []any{"set", values}
}

func dbMap(pairs ...[2]any) any {
	if pairs == nil {
		pairs = [][2]any{}
	}
	return []any{"map", pairs}
}

func dbRef(kind string, i int) any { return []any{"uuid", fleetID(kind, i).String()} }

// storeRows are the rows of the store that holds the fleet, by table and UUID. The
// bindings are there: every host has announced its ports.
func (f fleet) storeRows() dbRows {
	rows := dbRows{}
	put := rows.put
	ttl := f.ttl
	if ttl == "" {
		ttl = logical.TTLFull
	}
	put("Global", "global", 0, dbRow{"seq": 1, "next_datapath": f.switches + 2, "next_zone": 1})
	put("Datapath", "routerpath", 0, dbRow{"key": f.switches + 1, "kind": "router", "next_port": f.switches + 1})
	put("Router", "router", 0, dbRow{"name": "r1", "datapath": dbRef("routerpath", 0), "ttl": string(ttl), "ecmp": "source", "egress": "edge"})
	for s := range f.switches {
		gateway := gatewayOf(s)
		put("Datapath", "path", s, dbRow{"key": s + 1, "kind": "switch", "next_port": fleetPorts + 2})
		put("Switch", "switch", s, dbRow{"name": fleetSwitch(s), "datapath": dbRef("path", s), "kind": "overlay", "flood": "none"})
		put("Router_Port", "routerport", s, dbRow{
			"router": dbRef("router", 0), "name": fleetLink(s), "key": s + 1, "peer": fleetLinkBack(s),
			"mac": macOf(gateway).String(), "networks": networkOf(s).String(),
		})
		put("Switch_Port", "link", s, dbRow{
			"switch": dbRef("switch", s), "name": fleetLinkBack(s), "key": fleetPorts + 1, "kind": "router",
			"mac": macOf(gateway).String(), "addresses": gateway.String(), "peer": fleetLink(s), "seq": 1,
		})
		claim := func(kind, port string, i int, address string) {
			put("Address", kind, i, dbRow{"switch": dbRef("switch", s), "address": address, "port": dbRef(port, i), "seq": 1})
		}
		claim("linkaddress", "link", s, gateway.String())
		claim("linkmac", "link", s, macOf(gateway).String())
		for i := s * fleetPorts; i < (s+1)*fleetPorts; i++ {
			a := addressOf(i)
			put("Switch_Port", "port", i, f.portRow(i, a))
			put("Binding", "binding", i, dbRow{"port": dbRef("port", i), "host": fleetHost(f.hostOf(i)), "seq": 1})
			claim("address", "port", i, a.String())
			claim("mac", "port", i, macOf(a).String())
		}
	}
	for h := range f.hosts {
		put("Host", "host", h, dbRow{
			"name": fleetHost(h), "system_id": fleetHost(h), "index": h + 1, "addresses": tunnelOf(h).String(), "role": "node", "mode": "full",
		})
	}
	return rows
}

// portRow is the row of a guest's port. Its key is its place on its switch.
func (f fleet) portRow(i int, a netip.Addr) dbRow {
	return dbRow{
		"switch": dbRef("switch", switchOf(i)), "name": fleetPort(i), "key": i%fleetPorts + 1, "kind": "guest",
		"mac": macOf(a).String(), "addresses": a.String(), "security": f.security, "seq": 1,
	}
}

// writeStore makes a database file of the store with the fleet in it.
func (f fleet) writeStore(path string) error {
	text, err := store.Empty()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return err
	}
	return appendRecord(path, f.storeRows())
}

// dbRows are rows by table and UUID, as a record of a database file has them.
type dbRows map[string]map[string]dbRow

func (t dbRows) put(table, kind string, i int, r dbRow) {
	if t[table] == nil {
		t[table] = map[string]dbRow{}
	}
	t[table][fleetID(kind, i).String()] = r
}

// appendRecord adds rows to a standalone database file, as one transaction. The
// format is that of ovsdb/log.c and ovsdb/file.c, the same in 2.17 to 4.0: "OVSDB
// JSON LENGTH SHA1" and a line feed; tables by name, rows by UUID, columns by name.
func appendRecord(path string, rows dbRows) error {
	record, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	record = append(record, '\n')
	sum := sha1.Sum(record) //nolint:gosec // see above
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "OVSDB JSON %d %s\n%s", len(record), hex.EncodeToString(sum[:]), record)
	return errors.Join(err, f.Close())
}
