package agent

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// controllerDrops sends to a controller that reads nothing: what neither its socket
// nor the hundred packets that OVS keeps for it have room for is lost, and nothing else.
func (r *dropRig) controllerDrops(wire *sender) {
	r.host.Allow(dropLog(`connmgr`))
	const packets = 300
	want := leaves{"packet_in_connection": 0}
	r.dropsBy("packets for a controller that does not read", want, func() {
		conn, err := net.Dial("unix", ofconn.Socket(r.host.RunDir(), "drop"))
		if err != nil {
			r.t.Fatal(err)
		}
		defer conn.Close()
		hello := openflow.AppendAsync(openflow.AppendHello(nil, 0), 1, openflow.Async{PacketIns: []openflow.Reason{openflow.ReasonAction}})
		if _, err := conn.Write(openflow.AppendBarrier(hello, 2)); err != nil {
			r.t.Fatal(err)
		}
		if n, err := packetIns(conn, openflow.TypeBarrierReply); n > 0 || err != nil {
			r.t.Fatal(n, err)
		}
		r.flows("drop", "in_port=wire,actions=controller")
		wire.send(packets, etherFrame(r.next(), 1400))
		r.passed("drop", "in_port=wire", packets)
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			r.t.Fatal(err)
		}
		if _, err := conn.Write(openflow.AppendBarrier(nil, 3)); err != nil {
			r.t.Fatal(err)
		}
		n, err := packetIns(conn, openflow.TypeBarrierReply) // which waits behind all that was kept
		if err != nil {
			r.t.Fatal(err)
		}
		want["packet_in_connection"] = int64(packets - n)
		if n == packets || n < 100 {
			r.t.Errorf("the controller got %d of %d", n, packets)
		}
	})
}

// packetIns reads messages until one of the type, and tells how many packet-ins came before.
func packetIns(conn io.Reader, last openflow.Type) (n int, err error) {
	for {
		m := make([]byte, openflow.HeaderLen)
		if _, err := io.ReadFull(conn, m); err != nil {
			return n, err
		}
		h, err := openflow.ParseHeader(m)
		if err != nil {
			return n, err
		}
		if _, err := io.ReadFull(conn, make([]byte, int(h.Length)-len(m))); err != nil {
			return n, err
		}
		if h.Type == last {
			return n, nil
		}
		if h.Type == openflow.TypePacketIn {
			n++
		}
	}
}

// nowhereDrops: a packet that was measured, committed or metered and then goes nowhere
// is in no leaf, whatever the tables say; the plain drop after it is the proof that all
// counters were read since.
func (r *dropRig) nowhereDrops(wire *sender) {
	measured, metered, plain := r.next(), r.next(), r.next()
	r.dropsBy("measured, committed or metered, and then nowhere", leaves{"of_pipeline": 9}, func() {
		r.ofctl("mod-meter", "drop", "meter=1,kbps,band=type=drop,rate=1000000")
		r.flows("drop",
			fmt.Sprintf("dl_type=0x%04x,actions=check_pkt_larger(100)->NXM_NX_REG0[0],resubmit(,1)", measured),
			"ip,actions=ct(commit)",
			fmt.Sprintf("dl_type=0x%04x,actions=meter:1", metered),
			fmt.Sprintf("dl_type=0x%04x,actions=drop", plain))
		udp := append(etherFrame(0x0800, 14), ipv4(0, 17, vtepHere, vtepMute, []byte{0, 9, 0, 9, 0, 8, 0, 0})...)
		wire.send(10, etherFrame(measured, 60))
		wire.send(11, udp)
		wire.send(12, etherFrame(metered, 60))
		wire.send(9, etherFrame(plain, 60))
		r.passed("drop", fmt.Sprintf("dl_type=0x%04x", measured), 10)
		r.passed("drop", "ip", 11)
		r.passed("drop", fmt.Sprintf("dl_type=0x%04x", metered), 12)
	})
}

// passed waits until a flow has seen so many packets.
func (r *dropRig) passed(bridge, flow string, packets int) {
	r.t.Helper()
	r.until("the flow of "+flow+" has its packets", func() error {
		out, err := r.host.Command(r.limit(), "ovs-ofctl", "-O", "OpenFlow15", "dump-flows", bridge, flow).Output()
		if err == nil && !strings.Contains(string(out), fmt.Sprintf("n_packets=%d,", packets)) {
			err = errors.New(string(out))
		}
		return err
	})
}

// counted waits until a scrape tells the flows of a bridge: of one that is secure, too,
// whose misses the same connection must not send to the slow path.
func (r *dropRig) counted(bridge string) {
	r.t.Helper()
	r.until("a scrape tells the flows of "+bridge, func() error {
		if text := r.scrape(); !strings.Contains(text, `ovs_bridge_openflow_flows{bridge="`+bridge+`"} `) {
			return os.ErrNotExist
		}
		return nil
	})
}
