package api

import "time"

// TalkersRequest asks for the flows with the most bytes.
type TalkersRequest struct {
	Window time.Duration // how far back, at most ten minutes; 0 = one minute
	Limit  int           // how many, at most 1,024; 0 = 20
	Port   string        // interface or logical port; "" = all
}

// Talkers are the flows with the most bytes, as sampled packets times the sampling.
type Talkers struct {
	Mode     string `json:"mode"`     // monitor.ipfix.mode of the profile: off, ports or bridge
	Sampling int    `json:"sampling"` // one packet in so many
	// Problem says why nothing, or not all, is collected; "" = nothing is wrong.
	Problem string `json:"problem,omitempty"`
	Fix     string `json:"fix,omitempty"` // what helps against Problem
	// Window is how many seconds are summed up, whole half minutes, of which the collector may have listened
	// less.
	Window int `json:"window"`
	// Talkers have the most bytes first.
	Talkers []Talker `json:"talkers"`
	// Newest is when a record came last; zero = none did yet.
	Newest time.Time `json:"newest,omitzero"`
	// Records were read, Lost were sent and never came, since the daemon started.
	Records uint64 `json:"records"`
	Lost    uint64 `json:"lost"`
}

// Talker is one flow where it was seen.
type Talker struct {
	Bridge      string `json:"bridge"`              // "" = not known
	Interface   string `json:"interface"`           // "" = not known
	Port        string `json:"port,omitempty"`      // the logical port
	Direction   string `json:"direction"`           // rx into the switch, tx out of it
	Protocol    string `json:"protocol"`            //
	Source      string `json:"source"`              // address and port, or MAC
	Destination string `json:"destination"`         // likewise
	VLAN        int    `json:"vlan,omitempty"`      //
	Peer        string `json:"peer,omitempty"`      // the host at the other end of the tunnel
	Packets     uint64 `json:"packets"`             //
	Bytes       uint64 `json:"bytes"`               // from the Ethernet header on
	TooMany     uint64 `json:"tooMany,omitempty"`   // so many of Bytes may be another flow's
	TooLittle   uint64 `json:"tooLittle,omitempty"` // so many bytes may be missing
}
