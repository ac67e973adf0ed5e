// Package audit finds what is wrong with a logical network as it stands, though
// each change of it was allowed: conflicts that an import or two certificates
// brought in, what was left behind by a deletion, routes into nothing, ports that
// are nowhere. It changes nothing, and refuses nothing.
package audit
