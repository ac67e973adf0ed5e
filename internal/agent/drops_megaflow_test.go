package agent

import "context"

// megaflowDrops drops in the datapath itself, by megaflows that no bridge would
// make: revalidators, which would take them back, are paused.
func (r *dropRig) megaflowDrops(wire *sender) {
	r.host.Allow(dropLog(`dpif_netdev|dpif\(|ofproto_dpif_upcall|odp_execute|ofproto_dpif_xlate`))
	in := r.portNumber("wire")
	r.appctl("revalidator/pause")
	r.t.Cleanup(func() { _, _ = r.host.AppCtl(context.Background(), "revalidator/resume") })
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
	r.dropsBy("unknown protocol behind NSH", leaves{"nsh_decap_error": 31}, func() {
		r.megaflow(0, in, etherTypeNSH, "pop_eth,pop_nsh()")
		wire.send(31, nshFrame(9))
	})
	r.strayDrops()
	r.appctl("revalidator/resume")
	r.appctl("revalidator/purge")
}

// strayDrops drops what comes in at a port that only the datapath knows.
func (r *dropRig) strayDrops() {
	stray := r.cable("stray")
	r.appctl("dpctl/add-if", "netdev@ovs-netdev", "stray")
	in := r.portNumber("stray")
	etherType := r.next()
	r.dropsBy("upcall of a port without a bridge", leaves{"upcall_error": 12}, func() { stray.send(12, etherFrame(etherType, 60)) })
	r.dropsBy("to the controller, of a port without a bridge", leaves{"userspace_action_error": 13}, func() {
		r.megaflow(0, in, etherType, "userspace(pid=0,slow_path(action))")
		stray.send(13, etherFrame(etherType, 60))
	})
	r.appctl("dpctl/del-if", "netdev@ovs-netdev", "stray")
}

// etherTypeNSH is RFC 8300's.
const etherTypeNSH = 0x894f

// nshFrame is a frame with a network service header of MD type 1 (RFC 8300) and
// what follows it.
func nshFrame(next byte) []byte {
	f := etherFrame(etherTypeNSH, 80)
	copy(f[14:], []byte{0x0f, 0xc6, 1, next, 0, 0, 1, 255})
	return f
}
