package agent

import (
	"strings"
	"testing"
)

// What meets no flow, as of a wrong sender or with a wrong tag, is dropped by the datapath, whoever holds a connection to
// the bridge: without a flow for it OVS may ask userspace each time, where one of them might speak OpenFlow 1.0.
func TestMissIsADrop(t *testing.T) {
	r, _, _, _ := tenantRig(t)
	for _, stray := range []string{
		"in_port=vm1,dl_src=02:00:00:00:00:77,dl_dst=02:00:00:00:00:02,dl_type=0x0800,nw_src=10.0.0.1,nw_dst=10.0.0.2",
		"in_port=vm1,dl_vlan=7,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02",
	} {
		out, err := r.host.AppCtl(r.limit(), "ofproto/trace", "br-int", stray)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(strings.TrimSpace(out), "Datapath actions: drop") {
			t.Errorf("%s:\n%s", stray, out)
		}
	}
}
