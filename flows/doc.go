// Package flows turns the logical network into the OpenFlow rules of one host:
// snapshot and what is local in, flows and groups out. It is pure; package agent
// holds the sessions that carry the result to the switch.
//
// The network is cut into units, the smallest objects that own rules: a switch
// port, a router port, a static route, a switch, a host. The rules of a unit are a
// function of what it reads of the snapshot, and what it read is remembered; so a
// change computes again just the units that could come out differently. A Compiler
// that starts empty does the same with all of them: there is no second way.
package flows
