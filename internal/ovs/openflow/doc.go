// Package openflow is OpenFlow 1.5 as Open vSwitch speaks it: the messages this
// project sends and reads, their encoding, and the text ovs-ofctl prints of them.
// It is pure: bytes in, values out; package ofconn holds the connection.
//
// A [Match], [Actions] and [Instructions] are kept in the very bytes of the wire,
// in the one form in which OVS writes them in a dump. So a [Flow] is a comparable
// value, [Key] a map key, what was read from a switch equals what was written,
// and writing a flow is copying. Make them with [NewMatch], [NewActions] and [Do],
// and look into them with Terms, List and String.
//
// Whatever comes from a switch is read tolerantly: what this package does not
// know stays as raw bytes where it stood, and nothing panics. Constructors panic
// on what only a mistake in the code can ask for, such as register 16.
//
// Sources: OpenFlow Switch Specification 1.5.1 (ONF TS-025), by section, and Open
// vSwitch 3.1, by file: include/openflow/nicira-ext.h, include/openvswitch/meta-flow.h,
// lib/nx-match.c, lib/ofp-actions.c, lib/match.c, lib/ofp-flow.c, lib/ofp-group.c,
// lib/ofp-meter.c, lib/ofp-packet.c.
package openflow
