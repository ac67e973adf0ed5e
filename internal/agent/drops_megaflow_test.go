package agent

import "context"

// megaflowDrops drops in the datapath itself, by megaflows that no bridge would
// make: revalidators, which would take them back, are paused.
func (r *dropRig) megaflowDrops(wire *sender) {
	r.host.Allow(dropLog(`dpif_netdev|dpif\(|ofproto_dpif_upcall|odp_execute|ofproto_dpif_xlate`))
	in := r.portNumber("wire")
	resume := r.paused()
	defer resume()
	const push = "tnl_push(tnl_port(99),header(size=50,type=4,eth(dst=02:00:00:00:00:01,src=02:00:00:00:00:02,dl_type=0x0800)," +
		"ipv4(src=10.9.0.1,dst=10.9.0.2,proto=17,tos=0,ttl=64,frag=0x4000),udp(src=0,dst=4789,csum=0x0),vxlan(flags=0x8000000,vni=0x100)),out_port(1)),1"
	for i, c := range []struct{ cause, actions string }{
		{"invalid_port", "99"},
		{"invalid_bond", "lb_output(77)"},
		{"invalid_tnl_port", "tnl_pop(99)"},
		{"tunnel_push_error", push},
		{"recirc_error", "recirc(1)"},
		{"sample_error", "sample(sample=0.0%,actions(1))"},
	} {
		n := 20 + i
		r.dropsBy(c.cause+" of a megaflow", leaves{c.cause: int64(n)}, func() {
			etherType := r.next()
			r.megaflow(0, in, etherType, c.actions)
			if c.cause == "recirc_error" {
				r.megaflow(1, in, etherType, c.actions)
			}
			wire.send(n, etherFrame(etherType, 60))
		})
	}
	r.forgottenDrops(wire, in)
}

// paused pauses the revalidators until resume is called. A switch whose
// revalidators are paused does not end, and resuming twice blocks it for ever
// (OVS 3.1, udpif_resume_revalidators waits for threads that do not wait).
func (r *dropRig) paused() (resume func()) {
	r.t.Helper()
	r.appctl("revalidator/pause")
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		for _, command := range []string{"revalidator/resume", "revalidator/purge"} {
			if _, err := r.host.AppCtl(ctx, command); err != nil {
				r.t.Error(err)
			}
		}
	}
}

// forgottenDrops drops what comes back with a recirculation id that
// ovs-vswitchd never gave out: it cannot tell the packet's bridge.
func (r *dropRig) forgottenDrops(wire *sender, in string) {
	etherType := r.next()
	r.megaflow(0, in, etherType, "recirc(7777)")
	r.dropsBy("upcall with an unknown recirculation id", leaves{"upcall_error": 12}, func() { wire.send(12, etherFrame(etherType, 60)) })
}
