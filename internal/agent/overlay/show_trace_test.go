package overlay

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTraceWords(t *testing.T) {
	w := traceWords{
		ports: map[uint32]string{1: "nic0", 2: "vhu1"}, guests: map[string]string{"vhu1": "vm1"},
		host: func(a netip.Addr) string { return "host of " + a.String() },
	}
	for actions, want := range map[string][]string{
		"drop": {"dropped"},
		"":     {"dropped"},
		"1":    {"out at nic0"},
		"2,1":  {"out at vhu1, port vm1", "out at nic0"},
		"9":    {"out at the datapath's port 9"},
		"set(ipv4(ttl=63)),push_vlan(vid=7,pcp=0),1": {"out at nic0"},
		"set(ipv4(ttl=63))":                          {"dropped"},
		"clone(tnl_push(tnl_port(6081),header(size=62,type=5,eth(dst=aa:55:aa:55:00:02,src=aa:55:aa:55:00:01,dl_type=0x0800),ipv4(src=172.16.0.1,dst=172.16.0.2,proto=17,tos=0,ttl=64,frag=0x4000),udp(src=0,dst=6081,csum=0x0),geneve(crit,vni=0x1,options({class=0xff00,type=0x81,len=4,0x10002}))),out_port(2)),1)": {"into the tunnel to host of 172.16.0.2, 172.16.0.2", "out at nic0"},
		"meter(1),userspace(pid=0,controller(reason=1,dont_send=0))":               {"the daemon gets it"},
		"check_pkt_len(size=1500,gt(userspace(pid=0,controller(reason=1))),le(2))": {"longer than 1500 bytes: the daemon gets it", "out at vhu1, port vm1"},
	} {
		if diff := cmp.Diff(want, w.of(actions)); diff != "" {
			t.Errorf("%s:\n%s", actions, diff)
		}
	}
}
