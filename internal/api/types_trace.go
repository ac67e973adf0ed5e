package api

// TraceRequest says which packet is traced through this host's switch: what the
// guest behind Port would send to To.
type TraceRequest struct {
	Port    string `json:"port"`              // a switch port that is on this host
	To      string `json:"to"`                // an IPv4 or IPv6 address
	Proto   string `json:"proto,omitempty"`   // "tcp", "udp" or "icmp"; "" = udp
	DstPort int    `json:"dstPort,omitempty"` // of tcp and udp; 0 = 5000
	TTL     int    `json:"ttl,omitempty"`     // 0 = 64
}

// Trace is what the tables of this host's switch do with a packet.
type Trace struct {
	Bridge string `json:"bridge"`
	Packet string `json:"packet"` // as ofproto/trace was given it
	// Lines are the answer of ofproto/trace, with what its table lines stand for.
	Lines []TraceLine `json:"lines"`
	// Result is what the datapath does with the packet, in words.
	Result []string `json:"result"`
}

// TraceLine is a line of ofproto/trace.
type TraceLine struct {
	Text  string `json:"text"`
	Table string `json:"table,omitempty"` // the name of the integration bridge's table that begins here
	Owner string `json:"owner,omitempty"` // whose the rule is, in words
}
