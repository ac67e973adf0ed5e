package agent

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// pipelineDrops drops in the OpenFlow tables.
func (r *dropRig) pipelineDrops(wire *sender) {
	r.host.Allow(dropLog(`ofproto_dpif_xlate`))
	// To log a translation that ran too deep, OVS traces the packet, and executes
	// what the trace says: a drop that is counted once more, in of_pipeline where
	// the trace takes the datapath's number of the port for OpenFlow's
	// (ofproto/ofproto-dpif-upcall.c, upcall_xlate, 2.17 to 4.0).
	r.appctl("vlog/set", "ofproto_dpif_upcall:err")
	causes := []struct {
		what, cause string
		flows       []string
	}{
		{"a flow that drops", "of_pipeline", []string{"in_port=wire,actions=drop"}},
		{"no flow at all", "of_pipeline", nil},
		{"no such output port", "of_pipeline", []string{"in_port=wire,actions=output:999"}},
		{"a flow back to itself", "recursion_too_deep", []string{"in_port=wire,actions=resubmit(,0)"}},
		{"resubmits that multiply", "too_many_resubmit", []string{
			"in_port=wire,actions=" + times(16, "resubmit(,1)"), "table=1,actions=" + times(16, "resubmit(,2)"),
			"table=2,actions=" + times(17, "resubmit(,3)"), "table=3,actions=load:0->NXM_NX_REG0[]",
		}},
		{"pushes without end", "stack_too_deep", []string{
			"in_port=wire,actions=" + times(60, "resubmit(,1)"), "table=1,actions=" + times(100, "push:NXM_NX_XXREG0[]"),
		}},
		{"four MPLS labels", "too_many_mpls_labels", []string{"in_port=wire,actions=" + times(4, "push_mpls:0x8847") + ",output:slow"}},
		{"decap of what is nothing", "unsupported_packet_type", []string{"in_port=wire,actions=decap,decap,output:slow"}},
	}
	want, types := leaves{}, map[string]uint16{}
	var flows []string
	for i, c := range causes {
		types[c.what] = r.next()
		want[c.cause] += int64(20 + i)
		for _, f := range c.flows {
			flows = append(flows, fmt.Sprintf("dl_type=0x%04x,%s", types[c.what], f))
		}
	}
	r.dropsBy("flows that lead nowhere", want, func() {
		r.flows("drop", flows...)
		for i, c := range causes {
			wire.send(20+i, etherFrame(types[c.what], 60))
		}
	})
	r.sampledDrops(wire)
	r.treeDrops()
}

// sampledDrops: where a bridge samples, what the pipeline drops ends in the
// sample action. What is sampled and goes its way, or goes to the controller, is
// no drop, whatever OVS calls it.
func (r *dropRig) sampledDrops(wire *sender) {
	r.host.Allow(dropLog(`collectors`)) // nobody collects
	r.handedOver(wire, "to the controller alone", 19, 19, 19, "in_port=wire,actions=controller")
	r.dropsBy("a flow that drops, on a bridge with IPFIX", leaves{"sample_error": 17}, func() {
		r.sync("set", "Bridge", "drop", "ipfix=@i", "--", "--id=@i", "create", "IPFIX", `targets="127.0.0.1:4739"`, "sampling=400000000")
		r.flows("drop", "in_port=wire,actions=drop")
		wire.send(17, etherFrame(r.next(), 60))
	})
	r.sync("set", "IPFIX", ".", "sampling=5")
	r.handedOver(wire, "forwarded, on a bridge with IPFIX of 1 in 5", 100, 1, 200, "in_port=wire,actions=output:slow")
	r.sync("set", "IPFIX", ".", "sampling=1")
	r.handedOver(wire, "forwarded, on a bridge with IPFIX of all", 21, 0, 0, "in_port=wire,actions=output:slow")
	r.sync("clear", "Bridge", "drop", "ipfix", "--", "--id=@b", "get", "Bridge", "drop", "--", "--id=@i", "create", "IPFIX", `targets="127.0.0.1:4739"`, "--",
		"create", "Flow_Sample_Collector_Set", "id=7", "bridge=@b", "ipfix=@i")
	r.handedOver(wire, "forwarded, sampled by a flow, 1 in 5", 100, 1, 200,
		"in_port=wire,actions=sample(probability=13107,collector_set_id=7,obs_domain_id=1,obs_point_id=1),output:slow")
	r.sync("--all", "destroy", "Flow_Sample_Collector_Set")
}

// handedOver sends n packets of which user space gets some, and waits until OVS
// calls between least and most of them an error of that: no cause of a drop may
// have moved.
func (r *dropRig) handedOver(wire *sender, what string, n, least, most int, flow string) {
	errs := func() int {
		count, err := strconv.Atoi(strings.TrimSpace(r.appctl("coverage/read-counter", "datapath_drop_userspace_action_error")))
		if err != nil {
			r.t.Fatal(err)
		}
		return count
	}
	r.flows("drop", flow)
	r.settled()
	was := errs()
	r.dropsBy(what, leaves{}, func() {
		wire.send(n, etherFrame(r.next(), 60))
		r.until("OVS has counted", func() error {
			if got := errs() - was; got < least {
				return fmt.Errorf("%d packets are called an error of user space", got)
			}
			return nil
		})
	})
	r.settled()
	if got := errs() - was; got < least || got > most {
		r.t.Errorf("%s: OVS calls %d of %d packets an error of user space, want %d to %d", what, got, n, least, most)
	}
}

// treeDrops drops at a port that STP lets learn and not forward yet. While it
// only listens, packets count as dropped by the pipeline.
func (r *dropRig) treeDrops() {
	leaf := r.cable("leaf")
	r.sync("add-br", "tree", "--", "set", "Bridge", "tree", "datapath_type=netdev", "stp_enable=true",
		// The delay is at least half of the age and a second (lib/stp.c, stp_update_bridge_timers).
		"other_config:stp-hello-time=1", "other_config:stp-max-age=6", "other_config:stp-forward-delay=4", "--",
		"add-port", "tree", "leaf")
	state := func(want string) {
		r.until("STP of port leaf is "+want, func() error {
			if show := r.appctl("stp/show", "tree"); !regexp.MustCompile(`leaf\s+\S+\s+` + want).MatchString(show) {
				return errors.New(show)
			}
			return nil
		})
	}
	state("listening")
	r.dropsBy("a port that listens", leaves{"of_pipeline": 14}, func() { leaf.send(14, etherFrame(r.next(), 60)) })
	state("learning")
	r.dropsBy("a port that learns", leaves{"forwarding_disabled": 16}, func() { leaf.send(16, etherFrame(r.next(), 60)) })
	r.sync("del-br", "tree")
}

func times(n int, action string) string {
	return strings.TrimSuffix(strings.Repeat(action+",", n), ",")
}
