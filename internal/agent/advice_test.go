package agent

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// What explain advises depends on what the profile says already, and on whose the
// port is: the rows of the database, those of the profile, what the running switch
// says of p0, and the reasons.
func TestAdviceFitsTheOwner(t *testing.T) {
	const profile = "Port p0 in Bridge br0\nInterface p0 in Port p0 type=dpdk "
	const ours = "Open_vSwitch .\nBridge br0\nPort p0 in Bridge br0 owner=profile\nInterface p0 in Port p0 owner=profile keys=* type=dpdk ~ofport=1 ~link=up "
	const foreign = "Open_vSwitch .\nBridge br0\nPort p0 in Bridge br0\nInterface p0 in Port p0 type=dpdk ~ofport=1 ~link=up "
	const policed = "\nQoS p0 in Port p0 type=egress-policer other_config:cir=1000"
	const rounded = "port p0: asked for n_rxq_desc 1000, runs with 2048: OVS takes a power of two, before 3.6 of at most 4096, and uses 2048 for anything else; since 3.2 within the device's limits\n  "
	const unpoliced = "port p0: no limit is in force on what leaves by it: OVS refused the QoS egress-policer cir=1000\n  see why in ovs-vswitchd's log (search for \"Failed to set QoS\")"
	tests := []struct {
		name, db, profile, runs string
		want                    string
	}{
		{
			"the profile asks for it", ours + "options:n_rxq_desc=1000", profile + "options:n_rxq_desc=1000", on31,
			rounded + "set rxDescriptors: 2048 on p0 in the profile\n",
		},
		{
			"the profile says better already", ours + "options:n_rxq_desc=1000", profile + "options:n_rxq_desc=2048", on31,
			rounded + "the profile asks for options:n_rxq_desc=2048 already, which waits (port stop/start): `sluicectl host apply` makes it so\n",
		},
		{
			"the profile does not ask for it any more", ours + "options:n_rxq_desc=1000", profile, on31,
			rounded + "the profile asks for no options:n_rxq_desc any more, which waits (port stop/start): `sluicectl host apply` makes it so\n",
		},
		{
			"somebody else set it on our port", "Open_vSwitch .\nBridge br0\nPort p0 in Bridge br0 owner=profile\nInterface p0 in Port p0 owner=profile keys=type type=dpdk ~ofport=1 ~link=up options:n_rxq_desc=1000", profile, on31,
			rounded + "somebody else set it, for the profile does not: `ovs-vsctl set Interface p0 options:n_rxq_desc=2048`; or set rxDescriptors: 2048 on p0 in the profile, and `sluicectl host apply --take-over`\n",
		},
		{
			"and the profile says better", "Open_vSwitch .\nBridge br0\nPort p0 in Bridge br0 owner=profile\nInterface p0 in Port p0 owner=profile keys=type type=dpdk ~ofport=1 ~link=up options:n_rxq_desc=1000", profile + "options:n_rxq_desc=512", on31,
			rounded + "the profile asks for options:n_rxq_desc=512 already, which waits as a take-over (port stop/start): `sluicectl host apply --take-over` makes it so\n",
		},
		{
			"a foreign port", foreign + "options:n_rxq_desc=1000 external_ids:iface-id=9f2c", "", on31,
			rounded + "no profile names Interface p0, so whoever made it has the say (external_ids iface-id=9f2c): `ovs-vsctl set Interface p0 options:n_rxq_desc=2048`; or name it in the profile, as `sluicectl host adopt` does\n",
		},
		{
			"a foreign port that the profile names", foreign + "options:n_rxq_desc=1000", profile + "options:n_rxq_desc=1000", on31,
			rounded + "set rxDescriptors: 2048 on p0 in the profile; then `sluicectl host apply --take-over`, for Interface p0 is not Sluice's yet\n",
		},
		{
			"a foreign port with fewer queues", foreign + "options:n_rxq=4", "", on31,
			"port p0: asked for 4 rx queues, runs with 1: the device has no more\n  no profile names Interface p0, so whoever made it has the say: `ovs-vsctl set Interface p0 options:n_rxq=1`; or name it in the profile, as `sluicectl host adopt` does\n",
		},
		{
			"our port, thrown out", ours, profile, "",
			"port p0: OVS took it out of its datapath, and it passes nothing: its device refused the MTU, the queues, the descriptors or the link interrupt (before 3.4), or there is no memory for its mempool\n" +
				"  see why in ovs-vswitchd's log (search for p0); `sluicectl host check` tells of missing hugepages, then change the port in the profile\n",
		},
		{
			"our port, thrown out, and the profile says otherwise by now", ours + "mtu_request=9000", profile + "mtu_request=1500", "",
			"port p0: OVS took it out of its datapath, and it passes nothing: its device refused the MTU, the queues, the descriptors or the link interrupt (before 3.4), or there is no memory for its mempool\n" +
				"  see why in ovs-vswitchd's log (search for p0); `sluicectl host check` tells of missing hugepages; the profile asks for mtu_request=1500 already, which waits (port stop/start): `sluicectl host apply` makes it so\n",
		},
		{
			"a foreign port, thrown out", foreign, "", "",
			"port p0: OVS took it out of its datapath, and it passes nothing: its device refused the MTU, the queues, the descriptors or the link interrupt (before 3.4), or there is no memory for its mempool\n" +
				"  see why in ovs-vswitchd's log (search for p0); `sluicectl host check` tells of missing hugepages; no profile names Interface p0, so whoever made it has the say: `ovs-vsctl set Interface p0 …` changes what was refused; or name it in the profile, as `sluicectl host adopt` does\n",
		},
		{
			"our limit", ours + policed + " owner=profile keys=*", profile + policed, on31,
			unpoliced + ", then change rateLimit.egress in the profile, or take it out\n",
		},
		{
			"a foreign limit", foreign + policed, "", on31,
			unpoliced + "; no profile names QoS p0, so whoever made it has the say: `ovs-vsctl clear Port p0 qos` takes it off; or name it in the profile, as `sluicectl host adopt` does\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vswitch.Observed{OVSVersion: "3.1.0", DPDKInitialized: true, Rows: vswitchtest.Rows(t, tt.db)}
			s := passState{}
			for _, r := range vswitchtest.Rows(t, tt.profile) {
				s.desired.Rows = append(s.desired.Rows, r.Row)
			}
			for _, c := range plan.Priced(vswitch.Diff(o, s.desired), o) {
				if c.ID.Name == "p0" && c.Op != vswitch.Delete {
					s.pending = append(s.pending, c)
				}
			}
			is, _ := o.Row(vswitch.ID{Table: vswitch.IfaceTable, Name: "p0"})
			heard := replies{ports: inside(t, tt.runs)}
			for _, p := range policerOf(is, o) {
				p.runs = &appctl.QoS{Interface: "p0"}
				heard.policers = append(heard.policers, p)
			}
			got := ""
			for _, r := range newAdvisor(newMeanings("3.1.0"), s).shortReasons(is, o, heard) {
				got += fmt.Sprintf("%s\n  %s\n", r.What, r.Fix)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What OVS refused of a port is mended where the port is kept.
func TestRefusalIsMendedWhereThePortIsKept(t *testing.T) {
	is := row("type=dpdk external_ids:iface-id=9f2c", "")
	is.Status.Error = "could not add network device p0 to ofproto (Invalid argument)"
	const see = "mostly an MTU, queue or descriptor number the device refuses, or no memory for its mempool: see ovs-vswitchd's log, then change the port "
	for want, desired := range map[string][]vswitch.Row{
		see + "in the profile": {is.Row},
		see + "by ovs-vsctl, for no profile names it and whoever made it has the say (external_ids iface-id=9f2c)": nil,
	} {
		a := newAdvisor(newMeanings("3.1.0"), passState{desired: vswitch.Desired{Rows: desired}})
		if diff := cmp.Diff(want, fixFor(is, a.where(is))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
