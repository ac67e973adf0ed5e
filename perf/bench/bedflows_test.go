package bench

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlowSetBundle(t *testing.T) {
	// Printed by OVS 3.1.0, cut.
	flows := `OFPST_FLOW reply (OF1.5) (xid=0x2):
 cookie=0x1, table=0, priority=100,in_port=1 actions=load:0x1->NXM_NX_REG14[],resubmit(,8)
OFPST_FLOW reply (OF1.5) (xid=0x2):
 cookie=0x0, table=8, priority=50,igmp,igmp_type=22 actions=drop
`
	groups := `OFPST_GROUP_DESC reply (OF1.5) (xid=0x2):
 group_id=1,type=select,selection_method=dp_hash,bucket=bucket_id:0,weight:100,actions=resubmit(,20)
`
	want := `flow delete
group delete group_id=all
group add group_id=1,type=select,selection_method=dp_hash,bucket=bucket_id:0,weight:100,actions=resubmit(,20)
flow add cookie=0x1, table=0, priority=100,in_port=1 actions=load:0x1->NXM_NX_REG14[],resubmit(,8)
flow add cookie=0x0, table=8, priority=50,ip,nw_proto=2,tp_src=22 actions=drop
`
	if diff := cmp.Diff(want, (flowSet{flows: dumped(flows), groups: dumped(groups)}).bundle()); diff != "" {
		t.Error(diff)
	}
}
