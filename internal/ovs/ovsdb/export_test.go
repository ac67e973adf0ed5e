package ovsdb

import "context"

// Selected are the readings by a select, which needs no memory of what was.
func (c *Client) Selected(ctx context.Context) (map[string]Reading, error) { return c.readSlowly(ctx) }

// DropFollower ends the connection by which readings are followed, as a server may.
func (c *Client) DropFollower() {
	c.follows.mu.Lock()
	defer c.follows.mu.Unlock()
	if f := c.follows.now; f != nil {
		_ = f.conn.Close()
	}
}
