// Package lab runs the real thing on one machine: Open vSwitch (with DPDK, without
// it, or with dummy devices) as hosts in network namespaces of their own, NICs
// between them, and guests on vhost-user ports. System tests, the demonstration
// and the benchmarks stand on it; nothing in it imitates a switch.
//
// A [Host] owns a directory below the state directory (/run/sluice-lab for root)
// that holds its database, logs and sockets, and a network namespace of the same
// name. Both are named after the process that owns them (process id and start
// time), so that [Sweep] can tell what a killed run left from what is in use.
// Children run in the foreground, started from one thread per host that stays in
// the namespace, with the parent-death signal set: when the owner is killed,
// the kernel ends its switches and guests, and only names remain to be swept.
//
// DPDK processes run with their memory in file descriptors, never in files, and
// with their runtime directory in the host's own, so that several lab hosts and
// the machine's own Open vSwitch share a machine without meeting.
package lab
