package agent

import (
	"os"
	"regexp"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// TestDropsByCause drops a known number of packets by every cause that can be
// provoked, and finds exactly that number in that leaf of ovs_drops_total and
// 0 in all others.
func TestDropsByCause(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	r := newDropRig(t)
	wire, slow := r.cable("wire"), r.cable("slow")
	r.long("slow", "slowfar")
	r.sync("add-br", "drop", "--", "set", "Bridge", "drop", "datapath_type=netdev", "fail-mode=secure", "--",
		"add-port", "drop", "slow", "--",
		"add-port", "drop", "wire", "--", "set", "Interface", "wire", "type=dpdk", "options:dpdk-devargs=net_af_packet0,iface=wire")
	r.idleGuest()
	r.flows("drop")
	r.counted("drop")
	r.settled()

	r.pipelineDrops(wire)
	r.limitDrops(wire)
	r.nowhereDrops(wire)
	r.controllerDrops(wire)
	r.portDrops(wire, slow)
	r.megaflowDrops(wire)
	r.invalidDrops()
	r.deviceDrops(wire)
	r.tunnelDrops(wire)

	if missing, surplus := r.unproved(); len(missing)+len(surplus) > 0 {
		t.Errorf("causes without a proof: %q; called unproved and proved: %q", missing, surplus)
	}
}

// limitDrops drops what is above a limit so low that no packet is below it.
func (r *dropRig) limitDrops(wire *sender) {
	etherType := r.next()
	r.dropsBy("meter", leaves{"meter": 40}, func() {
		r.ofctl("add-meter", "drop", "meter=1,kbps,band=type=drop,rate=1")
		r.flows("drop", "in_port=wire,actions=meter:1,output:slow")
		wire.send(40, etherFrame(etherType, 1400))
	})
	r.dropsBy("ingress policer", leaves{"wire rx qos": 41}, func() {
		r.flows("drop", "in_port=wire,actions=output:slow")
		r.sync("set", "Interface", "wire", "ingress_policing_rate=1", "ingress_policing_burst=1")
		wire.send(41, etherFrame(etherType, 1400))
	})
	r.sync("set", "Interface", "wire", "ingress_policing_rate=0", "ingress_policing_burst=0")
	r.dropsBy("egress policer", leaves{"vm tx qos": 42}, func() {
		r.flows("drop", "in_port=wire,actions=output:vm")
		r.sync("set", "Port", "vm", "qos=@q", "--", "--id=@q", "create", "QoS", "type=egress-policer", "other_config:cir=100", "other_config:cbs=100")
		wire.send(42, etherFrame(etherType, 1400))
	})
	r.sync("--", "destroy", "QoS", "vm", "--", "clear", "Port", "vm", "qos")
}

// portDrops drops at ports that cannot send.
func (r *dropRig) portDrops(wire, slow *sender) {
	r.host.Allow(regexp.MustCompile(`netdev_dpdk\|WARN\|(vm|wire): Too big size 3000`))
	etherType := r.next()
	r.dropsBy("longer than the guest's MTU", leaves{"vm tx mtu_exceeded": 15}, func() {
		r.flows("drop", "in_port=slow,actions=output:vm")
		slow.send(15, etherFrame(etherType, 3000))
	})
	r.dropsBy("longer than the NIC's MTU", leaves{"wire tx mtu_exceeded": 16}, func() {
		r.flows("drop", "in_port=slow,actions=output:wire")
		slow.send(16, etherFrame(etherType, 3000))
	})
	r.fill(wire, etherType)
	r.dropsBy("guest's queue full", leaves{"vm tx failure": 50}, func() { wire.send(50, etherFrame(etherType, 60)) })
	r.dropsBy("vhost port down", leaves{"vm tx not_ready": 51}, func() {
		r.appctl("netdev-dpdk/set-admin-state", "vm", "down")
		r.written("vm", 51, func() { wire.send(51, etherFrame(etherType, 60)) })
	})
	r.dropsBy("NIC down", leaves{"wire tx not_ready": 20}, func() {
		r.flows("drop", "in_port=slow,actions=output:wire")
		r.appctl("netdev-dpdk/set-admin-state", "wire", "down")
		r.written("wire", 20, func() { slow.send(20, etherFrame(r.next(), 60)) })
	})
	r.appctl("netdev-dpdk/set-admin-state", "wire", "up")
}

// fill sends to the guest until its queue takes no more.
func (r *dropRig) fill(wire *sender, etherType uint16) {
	r.flows("drop", "in_port=wire,actions=output:vm")
	r.until("the guest's queue is full", func() error {
		wire.send(64, etherFrame(etherType, 60))
		r.refresh()
		if r.drops()["vm tx failure"] == 0 {
			return errNotYet
		}
		return nil
	})
	r.settled()
}

// invalidDrops plays packets shorter than an Ethernet header from a file, which
// no kernel device would carry.
func (r *dropRig) invalidDrops() {
	file := r.host.Path("short.pcap")
	if err := os.WriteFile(file, capture(30, make([]byte, 10)), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.host.Allow(regexp.MustCompile(`netdev_dpdk\|WARN\|Interface short does not support MTU configuration`))
	r.dropsBy("shorter than an Ethernet header", leaves{"rx_invalid_packet": 30}, func() {
		r.sync("add-port", "drop", "short", "--", "set", "Interface", "short", "type=dpdk", "options:dpdk-devargs=net_pcap0,rx_pcap="+file)
	})
	r.sync("del-port", "drop", "short")
}

// deviceDrops drops in the kernel's devices: at an internal port that is down,
// and where a frame is longer than what the switch has room for.
func (r *dropRig) deviceDrops(wire *sender) {
	r.dropsBy("an internal port that is down", leaves{"drop tx device": 35}, func() {
		r.flows("drop", "in_port=wire,actions=LOCAL")
		wire.send(35, etherFrame(r.next(), 60))
	})
	r.host.Allow(dropLog(`dpdk|netdev_dpdk`))
	r.sync("add-port", "drop", "tapped", "--", "set", "Interface", "tapped", "type=dpdk", "options:n_rxq=2", "options:dpdk-devargs=net_tap0,iface=tapdev")
	r.long("tapdev")
	r.ip("link", "set", "tapdev", "up")
	tap := r.socket("tapdev")
	r.settled()
	r.dropsBy("longer than the NIC's buffer", leaves{"tapped rx errors": 36}, func() { tap.send(36, etherFrame(r.next(), 8000)) })
	r.sync("del-port", "drop", "tapped")
}
