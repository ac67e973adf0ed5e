// Package ofconn holds a connection to a bridge of Open vSwitch that speaks
// OpenFlow 1.5: requests and their replies, atomic bundles, and what the switch
// tells by itself.
//
// ovs-vswitchd listens at RUNDIR/BRIDGE.mgmt (ofproto/connmgr.c, service
// controllers). It sends an echo request there after 60 s of silence and cuts a
// connection that does not answer within 60 s more; and it stops reading while a
// hundred replies wait to be taken (ofproto/ofproto.c, ofconn_receives; measured
// with OVS 3.1). So a goroutine reads from the start, and never waits for a
// write.
//
// A Session does not reconnect. When Done is closed its owner dials anew: what
// is to be done again then is the owner's knowledge.
package ofconn
