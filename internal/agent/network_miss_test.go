package agent

import (
	"net"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
)

// What meets no flow, as of a wrong sender or with a wrong tag, is dropped by the datapath, although somebody holds a
// connection to the bridge who has said little: without a flow for it OVS 3.1 would ask userspace each time. It takes a
// connection for one of OpenFlow 1.0, which wants such packets, until a message makes it ask for the connection's version
// (ofproto/connmgr.c, update_want_packet_in_on_miss).
func TestMissIsADrop(t *testing.T) {
	r, _, _, _ := tenantRig(t)
	r.mute("br-int")
	r.vsctl("add-br", "br-bare", "--", "set", "Bridge", "br-bare", "datapath_type=netdev", "fail_mode=secure")
	r.mute("br-bare")
	if out := r.miss("br-bare", "in_port=LOCAL"); dropped(out) {
		t.Fatalf("a bridge without flows drops, too: nothing is tested\n%s", out)
	}
	for _, stray := range []string{
		"in_port=vm1,dl_src=02:00:00:00:00:77,dl_dst=02:00:00:00:00:02,dl_type=0x0800,nw_src=10.0.0.1,nw_dst=10.0.0.2",
		"in_port=vm1,dl_vlan=7,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02",
	} {
		if out := r.miss("br-int", stray); !dropped(out) {
			t.Errorf("%s:\n%s", stray, out)
		}
	}
}

// mute connects to a bridge for as long as the test lasts, and says nothing.
func (r *rig) mute(bridge string) {
	r.t.Helper()
	var conn net.Conn
	r.until("bridge "+bridge+" is there to connect to", func() (err error) {
		conn, err = net.Dial("unix", ofconn.Socket(r.host.RunDir(), bridge))
		return err
	})
	r.t.Cleanup(func() { conn.Close() })
	_, err := conn.Read(make([]byte, 8)) // its hello: now it knows us
	r.must(err)
}

// miss is what a bridge does with a packet.
func (r *rig) miss(bridge, packet string) string {
	r.t.Helper()
	out, err := r.host.AppCtl(r.limit(), "ofproto/trace", bridge, packet)
	r.must(err)
	return out
}

// dropped says whether a trace ends with a drop in the datapath.
func dropped(trace string) bool {
	return strings.HasSuffix(strings.TrimSpace(trace), "Datapath actions: drop")
}
