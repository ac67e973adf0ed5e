package overlay

import (
	"context"
	"iter"
	"sync"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// parts are messages on their way from the goroutine that computes them to the one that
// sends them. Nobody waits to put one in, for a host computes also while it is not
// connected yet; what lies here is at most what the compiler holds anyway.
type parts struct {
	more chan struct{} // has a token when there is news

	mu      sync.Mutex
	waiting [][]openflow.Message
	over    bool // there is no more to come
	left    bool // nobody reads
}

func newParts() *parts { return &parts{more: make(chan struct{}, 1)} }

// put adds a part, which belongs to the reader from then on.
func (p *parts) put(part []openflow.Message) {
	p.mu.Lock()
	if !p.left {
		p.waiting = append(p.waiting, part)
	}
	p.mu.Unlock()
	p.tell()
}

// end says that there is no more.
func (p *parts) end() {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	p.tell()
}

func (p *parts) tell() {
	select {
	case p.more <- struct{}{}:
	default:
	}
}

// leave says that nobody will read.
func (p *parts) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.waiting = true, nil
}

func (p *parts) take() (_ [][]openflow.Message, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := p.waiting
	p.waiting = nil
	return taken, p.over
}

// all walks the parts as they come, once, until there is no more or ctx ends.
func (p *parts) all(ctx context.Context) iter.Seq[[]openflow.Message] {
	return func(yield func([]openflow.Message) bool) {
		defer p.leave()
		for {
			taken, over := p.take()
			for _, part := range taken {
				if !yield(part) {
					return
				}
			}
			if over {
				return
			}
			select {
			case <-p.more:
			case <-ctx.Done():
				return
			}
		}
	}
}
