package flowstest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestActions reads what the datapath does as ofproto/trace prints it.
func TestActions(t *testing.T) {
	text := "set(eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02)),set(ipv4(ttl=63)),clone(tnl_push(tnl_port(6081),header(size=58)),2),4"
	want := []string{"set(eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02))", "set(ipv4(ttl=63))", "clone(tnl_push(tnl_port(6081),header(size=58)),2)", "4"}
	if diff := cmp.Diff(want, split(text)); diff != "" {
		t.Error(diff)
	}
	p := Parse("in_port=3,tun_id=5,tcp,dl_src=0a:00:00:00:00:01,nw_ttl=64")
	p = write(write(p, "eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02)"), "ipv4(ttl=63/0xff)")
	if got, want := p.String(), "tcp,dl_src=02:00:00:00:00:01,nw_ttl=63,dl_dst=02:00:00:00:00:02"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
