package ofconn_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// foreignFlows are flows of others, with what this project never writes.
var foreignFlows = []string{
	"table=1,priority=1,actions=push:NXM_NX_REG0[],pop:NXM_NX_REG1[]",
	"table=1,priority=2,actions=output(port=1,max_len=64)",
	"table=1,priority=3,tcp,actions=fin_timeout(idle_timeout=5)",
	"table=1,priority=4,actions=multipath(eth_src,50,modulo_n,1,0,NXM_NX_REG0[0..3])",
	"table=1,priority=5,actions=learn(table=2,limit=5,result_dst=NXM_NX_REG0[0],NXM_OF_ETH_SRC[])",
	"table=1,priority=6,ip,actions=dec_ttl(1,2)",
	"table=1,priority=7,ip,actions=encap(nsh),output:1",
	"table=1,priority=8,actions=delete_field:tun_metadata0",
	"table=1,priority=9,mpls,actions=pop_mpls:0x0800,dec_ttl",
	"table=1,priority=10,mpls,mpls_label=5,mpls_bos=1,mpls_ttl=3,actions=set_field:7->mpls_label",
	"table=1,priority=11,actions=push_mpls:0x8847",
	"table=1,priority=12,tun_gbp_id=5,tun_gbp_flags=1,actions=drop",
	"table=1,priority=14,packet_type=(1,0x894f),nsh_spi=5,actions=drop",
	"table=1,priority=15,actset_output=1,actions=drop",
	"table=1,priority=16,icmp6,icmp_type=135,icmp_code=0,nd_reserved=5,nd_options_type=1,actions=drop",
	"table=1,priority=17,tun_erspan_ver=1,tun_erspan_idx=5,actions=drop",
	"table=1,priority=18,actions=clone(clone(clone(ct_clear,output:1))),write_actions(group:1,set_field:1->reg0)",
	"table=1,priority=19,tun_metadata1=0x1/0xff,actions=enqueue:1:2",
	"table=1,priority=21,vlan_tci=0x1003/0x100f,actions=NORMAL",
	"table=1,priority=23,actions=set_tunnel:5,set_tunnel64:0x123456789,pop_queue,FLOOD,ALL,CONTROLLER:0",
	"table=1,priority=24,ct_state=+trk+est,ct_mark=5/0xf,tcp,tcp_flags=+syn-ack,actions=ct(commit,table=3,zone=NXM_NX_REG0[0..15],exec(set_field:0x1/0x1->ct_mark))",
}

// TestForeignFlows reads flows of others and writes them back: what this program
// cannot name it must not change.
func TestForeignFlows(t *testing.T) {
	h := startSwitch(t)
	s := dial(t, h)
	prepare(t, s)
	for _, f := range foreignFlows {
		ofctl(t, h, "add-flow", f)
	}
	before := map[openflow.Flow]bool{}
	var all []openflow.Flow
	for _, e := range dump(t, s, openflow.FlowRequest{Table: openflow.AllTables}) {
		before[e.Flow] = true
		all = append(all, e.Flow)
	}
	if len(before) != len(foreignFlows) {
		t.Errorf("%d flows read of %d", len(before), len(foreignFlows))
	}
	text := ofctl(t, h, "dump-flows", "--no-stats")
	if err := s.Bundle(t.Context(), []openflow.Message{deleteAll}); err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if err := s.Bundle(t.Context(), add(f)); err != nil {
			t.Error(err)
		}
	}
	for _, e := range dump(t, s, openflow.FlowRequest{Table: openflow.AllTables}) {
		if !before[e.Flow] {
			t.Errorf("changed: %s", e.Flow)
		}
		delete(before, e.Flow)
	}
	if len(before) != 0 {
		t.Errorf("%d flows are gone", len(before))
	}
	if again := ofctl(t, h, "dump-flows", "--no-stats"); again != text {
		t.Errorf("before:\n%s\nafter:\n%s", text, again)
	}
}
