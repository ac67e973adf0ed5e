package overlay

import (
	"context"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// flowAt is a part of one flow in a table.
func flowAt(table uint8) []openflow.Message {
	return []openflow.Message{&openflow.FlowMod{Flow: openflow.Flow{Table: table}}}
}

// TestParts: what is put in comes out in its order, what was there before and what comes
// while it is read.
func TestParts(t *testing.T) {
	const all = 200
	p := newParts()
	p.put(flowAt(0))
	go func() {
		for i := uint8(1); i < all; i++ {
			p.put(flowAt(i))
		}
		p.end()
	}()
	next := uint8(0)
	for part := range p.all(t.Context()) {
		if got := part[0].(*openflow.FlowMod).Flow.Table; got != next {
			t.Fatalf("part %d came where %d belongs", got, next)
		}
		next++
	}
	if next != all {
		t.Errorf("%d parts of %d came", next, all)
	}
}

// TestPartsLeft: who reads no more is waited for by nobody, and nothing is kept for it;
// the end of a context ends the walk before the end.
func TestPartsLeft(t *testing.T) {
	p := newParts()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p.put(flowAt(1))
	seen := 0
	for range p.all(ctx) {
		seen++
		cancel()
	}
	if seen != 1 {
		t.Errorf("%d parts", seen)
	}
	p.put(flowAt(2))
	p.end()
	for part := range p.all(t.Context()) {
		t.Errorf("%v was kept for nobody", part)
	}
}
