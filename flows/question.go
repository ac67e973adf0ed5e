package flows

import (
	"encoding/binary"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Question is a packet that the switch hands to the daemon, and where it was then.
type Question struct {
	Op       Opcode
	Datapath logical.DatapathKey // the switch or router it was in
	// In is the key of the switch port it came in by: on the first switch, where it has
	// gone on through routers. Bit 15 says that a physical network is behind the port.
	In     logical.PortKey
	Port   of.Port // the interface it came in by; 0 where that was cleared
	MTU    uint16  // of OpTooBig: of the network that it was to enter
	Packet []byte  // the frame, without the tag of a trunk or a provider's VLAN
}

// Asked reads a packet-in. ok is false where it is none of ours.
func Asked(p *of.PacketIn) (q Question, ok bool) {
	q = Question{
		Datapath: logical.DatapathKey(number(p.Match, of.FieldMetadata)),
		In:       logical.PortKey(number(p.Match, of.FieldReg0+regIn)),
		MTU:      uint16(number(p.Match, of.FieldReg0+regMTU)), //nolint:gosec // loaded with 16 bits
		Packet:   p.Packet,
	}
	if port := of.Port(number(p.Match, of.FieldInPort)); port < of.PortUnset { //nolint:gosec // 32 bits
		q.Port = port
	}
	switch {
	case p.Reason == of.ReasonInvalidTTL:
		q.Op = OpExpired
	case len(p.Userdata) > 0:
		q.Op = Opcode(p.Userdata[0])
	}
	return q, q.Op != 0 && q.Datapath != 0
}

// number is the value of a field of at most 64 bits, 0 where the match lacks it.
func number(m of.Match, f of.Field) uint64 {
	v, ok := m.Get(f)
	if !ok {
		return 0
	}
	value, _ := v.Bytes()
	var b [8]byte
	copy(b[max(0, 8-len(value)):], value)
	return binary.BigEndian.Uint64(b[:])
}

// Outside says whether a physical network is behind the port that the packet came in by.
func (q *Question) Outside() bool { return q.In&fromOutside != 0 }

// Reply is a packet of the daemon and where it enters the tables.
type Reply struct {
	Packet   []byte
	Table    Table               // OUT, TUN: to the port Out; L2: by its receiver's MAC; LR_IN: routed
	Datapath logical.DatapathKey // of a switch, or for LR_IN of a router
	Out, In  logical.PortKey     // the ports it leaves and came in by; 0 = not known
	Host     logical.HostIndex   // TUN: where Out is
	// Port is the interface that it must not leave by, as it came in there; 0 = none.
	Port of.Port
}

// ToPort is a packet for one port of a switch.
func ToPort(sw logical.DatapathKey, port logical.PortKey, packet []byte) Reply {
	return Reply{Packet: packet, Table: TableOut, Datapath: sw, Out: port}
}

// ToPortOn is a packet for one port of a switch that is on another host.
func ToPortOn(host logical.HostIndex, sw logical.DatapathKey, port logical.PortKey, packet []byte) Reply {
	return Reply{Packet: packet, Table: TableTunnel, Datapath: sw, Out: port, Host: host}
}

// Switched is a packet that a port of a switch sends.
func Switched(sw logical.DatapathKey, from logical.PortKey, packet []byte) Reply {
	return Reply{Packet: packet, Table: TableL2, Datapath: sw, In: from}
}

// Routed is a packet that a router sends.
func Routed(router logical.DatapathKey, packet []byte) Reply {
	return Reply{Packet: packet, Table: TableLRIn, Datapath: router}
}

// Onward lets the packet of a question in a switch go on as if nobody had asked.
func Onward(q *Question) Reply {
	return Reply{Packet: q.Packet, Table: TableL2, Datapath: q.Datapath, In: q.In, Port: q.Port}
}

// PacketOut is the message that sends the reply.
func (r *Reply) PacketOut() *of.PacketOut {
	m := on(in(r.Datapath), outPort(r.Out), inPort(r.In), of.Reg(regHost, uint32(r.Host)))
	if r.Port != 0 {
		m = m.With(of.InPort(r.Port))
	}
	return &of.PacketOut{Match: m, Actions: of.NewActions(r.Table.again()), Packet: r.Packet}
}
