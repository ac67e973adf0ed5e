package store

import (
	"context"
	"fmt"
)

// Lock asks for a lock of the store (RFC 7047 section 4.1.8) over Run's session,
// and says whether it is held at once. Otherwise it is ours when its holder goes;
// Held tells. A lost session loses its locks.
func (c *Client) Lock(ctx context.Context, name string) (bool, error) {
	c.mu.Lock()
	s := c.reader
	c.mu.Unlock()
	if s == nil {
		return false, fmt.Errorf("lock %s: %w", name, ErrDisconnected)
	}
	answer, err := s.call(ctx, "lock", name)
	if err != nil {
		return false, err
	}
	held := false
	err = answer.object(func(k string, v value) (err error) {
		if k == "locked" {
			held, err = v.boolean()
		}
		return err
	})
	c.lockNote(name, held)
	return held, err
}

// Unlock gives a lock back, or no longer asks for it.
func (c *Client) Unlock(ctx context.Context, name string) error {
	c.lockNote(name, false)
	c.mu.Lock()
	s := c.reader
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	_, err := s.call(ctx, "unlock", name)
	return err
}

// Held says whether a lock is ours now.
func (c *Client) Held(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reader != nil && c.locks[name]
}

func (c *Client) lockNote(name string, held bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.locks == nil {
		c.locks = map[string]bool{}
	}
	c.locks[name] = held
}
