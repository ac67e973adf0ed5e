package ovsdb

import (
	"context"
	"sync"
	"time"
)

// following has a follower while somebody asks for readings. Its zero value has none.
// Safe for concurrent use.
type following struct {
	mu    sync.Mutex
	turn  chan struct{} // of who starts a follower; nil = nobody does
	now   *follower     // nil = none
	idle  *time.Timer   // ends now
	close func() bool   // of now: stops waiting for the end of the client
}

// readings returns what a follower has, starting one if need be, that ends with life at
// the latest. One that has ended meanwhile, or was ended for being idle, says nothing
// about the server: then a new one does.
func (g *following) readings(ctx, life context.Context, path string) (map[string]Reading, error) {
	for {
		f, fresh, err := g.follower(ctx, life, path)
		if err != nil {
			return nil, err
		}
		readings, err := f.latest(ctx)
		if err == nil || fresh || ctx.Err() != nil || life.Err() != nil {
			return readings, err
		}
	}
}

// follower returns one that was alive a moment ago, and whether it was started just now.
func (g *following) follower(ctx, life context.Context, path string) (f *follower, fresh bool, err error) {
	for {
		g.mu.Lock()
		if f := g.now; f != nil && f.alive() {
			g.idle.Reset(followAgain)
			g.mu.Unlock()
			return f, false, nil
		}
		turn := g.turn
		if turn == nil {
			g.turn = make(chan struct{})
		}
		g.mu.Unlock()
		if turn == nil {
			break
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
	f, err = startFollower(ctx, path)
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.turn)
	g.turn = nil
	if err != nil {
		return nil, false, err
	}
	if g.now != nil {
		g.idle.Stop()
		g.close()
	}
	end := func() { f.end(ErrClosed) }
	g.now, g.idle, g.close = f, time.AfterFunc(followAgain, end), context.AfterFunc(life, end)
	return f, true, nil
}

// alive tells whether the connection has not ended.
func (f *follower) alive() bool {
	select {
	case <-f.ended:
		return false
	default:
		return true
	}
}
