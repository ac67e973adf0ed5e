package bench

import (
	"context"
	"math/rand/v2"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// The crowd is traffic of many flows from one port, by the router to the ports at
// which its lanes end: what comes to a guest from many places has travelled by many ways.
const (
	crowdPort  = 3 * bedLanes
	crowdFlows = 10_000 // (address, protocol, TTL, ports)
	crowdTTLs  = 64
)

const crowdWords = "10,000 flows are as many packets of their own, sent over and over by one guest by the router to three others: TCP and UDP in halves, ports by chance, TTLs of 64 to 127 by chance; seeded"

// crowd are its packets, the same each time.
func crowd() [][]byte {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // packets, not secrets
	to := lanes(byRouter)
	frames := make([][]byte, crowdFlows)
	for i := range frames {
		p := routed(crowdPort, addressOf(to[random.IntN(len(to))].to))
		p.ttl = byte(crowdTTLs + random.IntN(crowdTTLs))
		p.protocol = []byte{protoTCP, protoUDP}[i%2]
		p.srcPort, p.dstPort = uint16(random.IntN(1<<16)), uint16(random.IntN(1<<16))
		frames[i] = p.frame()
	}
	return frames
}

// plugCrowd starts the guest that sends it, idle.
func (b *bed) plugCrowd(ctx context.Context) error {
	file := b.host.Path("crowd.pcap")
	if err := lab.WritePCAP(file, crowd()); err != nil {
		return err
	}
	return b.guest(ctx, crowdPort, lab.GuestOptions{Replay: file})
}
