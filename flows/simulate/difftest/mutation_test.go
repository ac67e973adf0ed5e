package difftest

import (
	"context"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// A fault is a mistake that the compiler could make, done to all it compiles.
type fault struct {
	name string
	do   func(*flows.Rules)
}

// without drops, from every flow of a table, the actions that begin with some words.
func without(table flows.Table, words string) fault {
	return fault{table.String() + " without " + words, func(r *flows.Rules) {
		for i := range r.Flows {
			if f := &r.Flows[i]; f.Table == uint8(table) {
				f.Do = of.Do(slices.DeleteFunc(f.Do.List(), func(a of.Action) bool { return begins(of.NewActions(a).String(), words) })...)
			}
		}
	}}
}

// begins says whether an action begins with some words; what follows -> in the words
// must end it: "set_field->eth_src".
func begins(action, words string) bool {
	head, tail, _ := strings.Cut(words, "->")
	return strings.HasPrefix(action, head) && (tail == "" || strings.HasSuffix(action, "->"+tail))
}

// lacking drops the flows of a table that have some words in their match and actions.
func lacking(table flows.Table, words ...string) fault {
	return fault{table.String() + " lacking the flows of " + strings.Join(words, " "), func(r *flows.Rules) {
		r.Flows = slices.DeleteFunc(slices.Clone(r.Flows), func(f of.Flow) bool {
			text := f.String()
			return f.Table == uint8(table) && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
		})
	}}
}

// instead replaces the actions of the flows of a table that have some words.
func instead(table flows.Table, words string, do ...of.Action) fault {
	return fault{table.String() + " with other actions for " + words, func(r *flows.Rules) {
		for i := range r.Flows {
			if f := &r.Flows[i]; f.Table == uint8(table) && strings.Contains(f.String(), words) {
				f.Do = of.Do(do...)
			}
		}
	}}
}

// faults are the mutations. Every one of them must make some probe come out wrong.
var faults = []fault{
	without(flows.TablePhyIn, "pop_vlan"),
	without(flows.TablePhyIn, "set_field->metadata"),
	without(flows.TablePhyIn, "set_field->reg9"),
	without(flows.TablePhyIn, "move:NXM_NX_TUN_ID"),
	without(flows.TablePhyIn, "move:NXM_NX_TUN_METADATA0"),
	lacking(flows.TablePhyIn, "tun_src"),
	{"PORT_SEC lets all pass", func(r *flows.Rules) {
		r.Flows = append(slices.Clone(r.Flows), of.Flow{Table: uint8(flows.TablePortSec), Priority: 60000, Do: of.Do(of.Goto{Table: uint8(flows.TableGateFrom)})})
	}},
	lacking(flows.TablePortSec, "arp"),
	lacking(flows.TablePortSec, "ipv6_src=fe80"),
	lacking(flows.TableGateFrom, "arp"),
	lacking(flows.TableGateFrom, "dl_dst=01:00"),
	without(flows.TableCtrl, "set_field->arp_op"),
	without(flows.TableCtrl, "set_field->arp_sha"),
	without(flows.TableCtrl, "move:NXM_NX_ARP_SHA"),
	without(flows.TableCtrl, "set_field->eth_src"),
	lacking(flows.TableCtrl, "reg9", "arp_tpa"), // a guest is told that somebody has its own address
	lacking(flows.TableCtrl, "icmp_type=133"),
	lacking(flows.TableCtrl, "udp"),
	lacking(flows.TableCtrl, "udp", "goto_table:16"), // hosts answer what their physical network is asked
	lacking(flows.TableLRLocal, "tp_dst=53"),
	lacking(flows.TableMTU, "controller"),
	without(flows.TableL2, "set_field->reg8"),
	without(flows.TableL2, "set_field->reg11"),
	lacking(flows.TableL2, "group"),
	lacking(flows.TableLRIn, "goto_table:22"),
	without(flows.TableLRIn, "dec_ttl"), // mode once
	lacking(flows.TableLRIn, "priority=90,ip,"),
	lacking(flows.TableLRIn, "priority=90,ipv6", "ipv6_dst"),
	lacking(flows.TableLRLocal, "nd_target"),
	lacking(flows.TableLRLocal, "priority=200", "ipv6_dst=fe80"),
	lacking(flows.TableND, "reg10"),
	without(flows.TableLRLocal, "set_field:255"),
	without(flows.TableLRLocal, "set_field->icmp_type"),
	without(flows.TableRoute, "dec_ttl"),
	without(flows.TableRoute, "set_field->eth_src"),
	without(flows.TableRoute, "set_field->eth_dst"),
	without(flows.TableRoute, "set_field->in_port"),
	without(flows.TableRoute, "set_field->reg11"),
	lacking(flows.TableRoute, "ipv6_dst", "/64", "resubmit"),
	{"ROUTE prefers the shorter prefix", func(r *flows.Rules) {
		for i := range r.Flows {
			if f := &r.Flows[i]; f.Table == uint8(flows.TableRoute) {
				f.Priority = 1000 - f.Priority
			}
		}
	}},
	lacking(flows.TableEgress, "resubmit(,20)"),
	instead(flows.TableEgress, "group", of.Exit{}),
	without(flows.TableOut, "push_vlan"),
	without(flows.TableTunnel, "move:OXM_OF_METADATA"),
	without(flows.TableTunnel, "move:NXM_NX_REG8"),
	without(flows.TableTunnel, "set_field->tun_dst"),
	{"groups lack a bucket", func(r *flows.Rules) {
		r.Groups = slices.Clone(r.Groups)
		for i := range r.Groups {
			if g := &r.Groups[i]; g.Type == of.GroupAll && len(g.Buckets) > 0 {
				g.Buckets = g.Buckets[1:]
			}
		}
	}},
}

// TestMutations: the differential test finds deliberate faults: three of them, others
// every time, or with -faults all.
func TestMutations(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	c := newCompiled(ctx, t)
	for _, s := range c.Switches {
		// A tag is set on a packet without one.
		s.Lab.Allow(regexp.MustCompile(`lacks correct prerequisites`))
	}
	tried := slices.Clone(faults)
	if !*allFaults {
		rand.Shuffle(len(tried), func(i, j int) { tried[i], tried[j] = tried[j], tried[i] })
		tried = tried[:3]
	}
	missed := 0
	for _, f := range tried {
		after := catch(ctx, t, c, f)
		if after < 0 {
			missed++
			t.Errorf("%s: no probe finds it", f.name)
			continue
		}
		t.Logf("%s: found by probe %d", f.name, after)
	}
	t.Logf("%d of %d faults found", len(tried)-missed, len(tried))
}

// wayOut is a network that has somebody for whatever has no place of its own, which no
// network at random has: what a router should not have sent on arrives there.
const wayOut = `
host h1 172.31.0.1
host h2 172.31.0.2
switch s 10.0.0.0/24 fd00:0::/64
router r
link r s 10.0.0.1/24 fd00:0::1/64 mac 02:00:00:00:ff:01
port a s 10.0.0.2 fd00:0::2 on h1 mac 02:00:00:00:00:0a
port firewall s 10.0.0.3 fd00:0::3 on h2 mac 02:00:00:00:00:0b
route r out 0.0.0.0/0 via 10.0.0.3 dev s
route r out6 ::/0 via fd00:0::3 dev s
`

// catch returns how many probes it takes to find a fault; negative where too many do
// not.
func catch(ctx context.Context, t *testing.T, c *Rig, f fault) int {
	t.Helper()
	c.fault = f.do
	defer func() { c.fault = nil }()
	done := 0
	for n := uint64(1000); done < 6000; n++ {
		r := rand.New(rand.NewPCG(n, 4))
		snapshot, probes := logicaltest.Random(r).Snapshot(), 2*perRound
		if n == 1000 {
			snapshot, probes = logicaltest.Snapshot(wayOut), 20*perRound
		}
		if err := c.Begin(ctx, snapshot); err != nil {
			var refused *ofconn.Refused
			if errors.As(err, &refused) {
				return done // the switch finds it
			}
			t.Fatalf("%s: seed %d: %v", f.name, n, err)
		}
		for _, p := range Probes(r, c.Snapshot, probes) {
			done++
			want := simulate.All(c.Snapshot, p.Place, p.Packet)
			got, err := c.Follow(ctx, p.Place, p.Packet)
			if err != nil || Compare(want, got, Punts) != "" {
				return done
			}
		}
	}
	return -1
}
