// Package store keeps the logical network in an OVSDB database, Sluice: its
// schema, its rows as entities of flows/logical and back, the local database of a
// host, and a client that yields a snapshot for each transaction.
//
// The client speaks RFC 7047 and the extensions of ovsdb-server(7) that a fleet
// needs: monitor_cond_since, which resumes after a reconnect, monitor_cond_change,
// and update3 notifications, as OVS 2.17 to 4.0 print them.
package store

import _ "embed"

// Database is the name of the database.
const Database = "Sluice"

//go:embed sluice.ovsschema
var schemaText []byte

// Schema returns the text of the schema this program was built with.
func Schema() []byte { return append([]byte(nil), schemaText...) }
