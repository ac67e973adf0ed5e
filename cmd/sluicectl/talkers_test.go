package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
)

// loud is what three flows of a host come to.
func loud() api.Talkers {
	return api.Talkers{
		Mode: "bridge", Sampling: 400, Window: 300, Records: 91230, Lost: 12, Newest: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Talkers: []api.Talker{
			{Bridge: "br-int", Interface: "vhu1", Port: "vm-1", Direction: "rx", Protocol: "udp", Source: "10.1.0.1:5001", Destination: "10.2.0.9:5001", Peer: "nfv-02", Packets: 8_000_000, Bytes: 11_200_000_000},
			{Bridge: "br-int", Interface: "vhu2", Port: "vm-2", Direction: "tx", Protocol: "tcp", Source: "[fd00::1]:443", Destination: "[fd00::2]:51234", VLAN: 7, Packets: 1200, Bytes: 1_500_000, TooMany: 1000},
			{Interface: "eth9", Direction: "rx", Protocol: "arp", Source: "52:54:00:00:00:01", Destination: "ff:ff:ff:ff:ff:ff", Packets: 400, Bytes: 25600},
		},
	}
}

// silent is a host whose profile collects nothing.
func silent(f *fake) {
	f.talkers = api.Talkers{Mode: "off", Window: 60, Talkers: []api.Talker{}, Problem: "no flow records are collected: monitor.ipfix.mode of the profile is off", Fix: "set monitor: {ipfix: {mode: ports}} in the profile; docs/ipfix.md"}
}

func (f *fake) Talkers(ctx context.Context, r api.TalkersRequest) (api.Talkers, error) {
	return f.talkers, f.note(ctx, fmt.Sprintf("talkers %s %d %s", r.Window, r.Limit, r.Port))
}
