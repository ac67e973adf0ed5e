package difftest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// byHand are the flows of two hosts with a switch and a router, as somebody would
// write them who has nothing but this network: guest a on h1, b on h2.
var byHand = map[string]string{
	"h1": `
in_port=101,arp,arp_op=1,arp_tpa=10.0.1.1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:02:00:00:00:ff:01->eth_src,set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],set_field:02:00:00:00:ff:01->arp_sha,move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:10.0.1.1->arp_spa,in_port
in_port=101,ip,dl_dst=02:00:00:00:ff:01,nw_dst=10.0.2.2 actions=dec_ttl,set_field:02:00:00:00:ff:02->eth_src,set_field:02:00:00:00:00:0b->eth_dst,set_field:2->tun_id,set_field:172.31.0.2->tun_dst,set_field:0x10002->tun_metadata0,output:1
in_port=101,ipv6,dl_dst=02:00:00:00:ff:01,ipv6_dst=fd00:2::2 actions=dec_ttl,set_field:02:00:00:00:ff:02->eth_src,set_field:02:00:00:00:00:0b->eth_dst,set_field:2->tun_id,set_field:172.31.0.2->tun_dst,set_field:0x10002->tun_metadata0,output:1
in_port=101,icmp,dl_dst=02:00:00:00:ff:01,nw_dst=10.0.1.1,icmp_type=8 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:02:00:00:00:ff:01->eth_src,move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[],set_field:10.0.1.1->ip_src,set_field:0->icmp_type,set_field:254->nw_ttl,in_port
in_port=101,icmp6,icmp_type=135,nd_target=fd00:1::1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:02:00:00:00:ff:01->eth_src,move:NXM_NX_IPV6_SRC[]->NXM_NX_IPV6_DST[],set_field:fd00:1::1->ipv6_src,set_field:255->nw_ttl,set_field:136->icmpv6_type,resubmit(,1)
table=1,icmp6,icmp_type=136 actions=set_field:0xe0000000->nd_reserved,set_field:2->nd_options_type,set_field:02:00:00:00:ff:01->nd_tll,in_port
in_port=101,udp,tp_dst=67 actions=controller(userdata=01.02)
in_port=101,dl_dst=ff:ff:ff:ff:ff:ff,actions=output:102,set_field:1->tun_id,set_field:172.31.0.2->tun_dst,set_field:0x18000->tun_metadata0,output:1
in_port=102,ip,dl_dst=02:00:00:00:ff:02 actions=check_pkt_larger(1414)->reg0[0],resubmit(,2)
table=2,reg0=1 actions=controller(userdata=06)
table=2,reg0=0 actions=push_vlan:0x8100,set_field:4103->vlan_vid,output:101
`,
	"h2": `
in_port=1,tun_id=2,tun_metadata0=2/0xffff actions=output:101
in_port=1,tun_id=1,tun_metadata0=0x8000/0xffff actions=output:102,output:101
`,
}

const handNetwork = `
host h1 172.31.0.1
host h2 172.31.0.2
switch blue 10.0.1.0/24 fd00:1::/64
switch red 10.0.2.0/24 fd00:2::/64
router r
link r blue 10.0.1.1/24 fd00:1::1/64 mac 02:00:00:00:ff:01
link r red 10.0.2.1/24 fd00:2::1/64 mac 02:00:00:00:ff:02
port a blue 10.0.1.2 fd00:1::2 on h1 mac 02:00:00:00:00:0a nosec
port b red 10.0.2.2 fd00:2::2 on h2 mac 02:00:00:00:00:0b
`

// program replaces a switch's flows by those of a text.
func (s *Switch) program(ctx context.Context, t *testing.T, flows string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), s.Name)
	if err := os.WriteFile(file, []byte(strings.TrimSpace(flows)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := s.Lab.Command(ctx, "ovs-ofctl", "-OOpenFlow15", "replace-flows", Integration, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// TestFollow: on real switches with flows by hand each way out of a table is read as
// what it is, and what the flows do right agrees with the model.
func TestFollow(t *testing.T) {
	f := NewFleet(t, "h1", "h2")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for name, s := range f.Switches {
		if out, err := s.Lab.Command(ctx, "ovs-ofctl", "-OOpenFlow15", "add-tlv-map", Integration, "{class=0xffff,type=0x81,len=4}->tun_metadata0").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if _, err := s.Wire(map[string][]string{"h1": {"a", "x"}, "h2": {"b", "y"}}[name]); err != nil {
			t.Fatal(err)
		}
		s.program(ctx, t, byHand[name])
	}
	snap := logicaltest.Snapshot(handNetwork)
	const eth = "dl_src=02:00:00:00:00:0a,dl_dst=02:00:00:00:ff:01,"
	tests := []struct {
		name, port, packet string
		differs            bool // the flows by hand do what the network would not
	}{
		{"routed", "a", "udp," + eth + "nw_src=10.0.1.2,nw_dst=10.0.2.2,nw_ttl=64,tp_src=1,tp_dst=2", false},
		{"routed v6", "a", "udp6," + eth + "ipv6_src=fd00:1::2,ipv6_dst=fd00:2::2,nw_ttl=64,tp_src=1,tp_dst=2", false},
		{"too old", "a", "udp," + eth + "nw_src=10.0.1.2,nw_dst=10.0.2.2,nw_ttl=1,tp_src=1,tp_dst=2", false},
		{"ARP", "a", "arp,dl_src=02:00:00:00:00:0a,dl_dst=ff:ff:ff:ff:ff:ff,arp_op=1,arp_spa=10.0.1.2,arp_tpa=10.0.1.1,arp_sha=02:00:00:00:00:0a", false},
		{"echo", "a", "icmp," + eth + "nw_src=10.0.1.2,nw_dst=10.0.1.1,nw_ttl=9,icmp_type=8", false},
		{"ND", "a", "icmp6,dl_src=02:00:00:00:00:0a,dl_dst=33:33:ff:00:00:01,ipv6_src=fd00:1::2,ipv6_dst=ff02::1:ff00:1,nw_ttl=255,icmpv6_type=135,nd_target=fd00:1::1,nd_sll=02:00:00:00:00:0a", false},
		{"dropped", "a", "udp," + eth + "nw_src=10.0.1.2,nw_dst=10.0.2.9,nw_ttl=64,tp_src=1,tp_dst=2", false},
		{"daemon", "a", "udp," + eth + "nw_src=10.0.1.2,nw_dst=10.0.2.9,nw_ttl=64,tp_src=68,tp_dst=67", true},
		{"flooded", "a", "udp,dl_src=02:00:00:00:00:0a,dl_dst=ff:ff:ff:ff:ff:ff,nw_src=10.0.1.2,nw_dst=10.0.1.255,nw_ttl=64,tp_src=1,tp_dst=2", true},
		{"tagged", "x", "udp,dl_src=02:00:00:00:00:0c,dl_dst=02:00:00:00:ff:02,nw_src=10.0.2.3,nw_dst=10.0.1.2,nw_ttl=64,tp_src=1,tp_dst=2,size=1400", true},
		{"too big", "x", "udp,dl_src=02:00:00:00:00:0c,dl_dst=02:00:00:00:ff:02,nw_src=10.0.2.3,nw_dst=10.0.1.2,nw_ttl=64,tp_src=1,tp_dst=2,size=1401", true},
	}
	var record strings.Builder
	for _, tt := range tests {
		p, err := simulate.ParsePacket(tt.packet)
		if err != nil {
			t.Fatal(err)
		}
		in := simulate.Place{Host: "h1", Port: tt.port}
		got, err := f.Follow(ctx, in, p)
		if err != nil {
			t.Errorf("%s: %v\n%s", tt.name, err, strings.Join(got.Texts, "\n"))
			continue
		}
		record.WriteString(tt.name + ": " + tt.packet + "\n" + got.String() + "\n\n")
		complaint := Compare(simulate.All(snap, in, p), got, nil)
		if (complaint != "") != tt.differs {
			t.Errorf("%s: %s", tt.name, complaint)
		}
		if golden.Update() {
			name := filepath.Join("testdata", "3.1.0", strings.ReplaceAll(tt.name, " ", "-")+".trace")
			if err := os.WriteFile(name, []byte(got.Texts[0]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	golden.Check(t, "testdata/follow.txt", record.String())
}
