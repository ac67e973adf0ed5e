package store

import (
	"errors"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Reach narrows what Run reads of a large network to the ports that a host has to
// know. Those that are no guests' are always read: they lead on.
type Reach struct {
	Switches []logical.ID[logical.Switch]     // all ports of these
	Ports    []string                         // these, by name, wherever they are
	Parents  []logical.ID[logical.SwitchPort] // those that these carry tagged
}

// where are the conditions on a table; nil = all its rows. They are joined by OR.
func (r *Reach) where(table string) []any {
	if r == nil || table != "Switch_Port" {
		return nil
	}
	where := []any{[]any{"kind", "!=", logical.PortGuest}}
	for _, id := range r.Switches {
		where = append(where, is("switch", refOf(id)))
	}
	for _, name := range r.Ports {
		where = append(where, is("name", name))
	}
	for _, id := range r.Parents {
		where = append(where, is("trunk", refOf(id)))
	}
	return where
}

// Narrow changes what Run reads, at once when it is connected; nil is all. What
// comes and goes by it comes as an ordinary Update. It waits for nothing, not even for
// the server to take the request, and may be called while Run tells. Of two in a row
// the server may see the latter alone.
func (c *Client) Narrow(r *Reach) {
	if r != nil {
		r = &Reach{Switches: slices.Clone(r.Switches), Ports: slices.Clone(r.Ports), Parents: slices.Clone(r.Parents)}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.only = r
	if c.watching == nil {
		return // Run asks for it when it watches
	}
	select {
	case c.watching.narrowed <- struct{}{}:
	default:
	}
}

// watch has a session narrowed from now on. Before, the server would refuse to change
// what it does not watch yet.
func (c *Client) watch(s *conn) {
	c.mu.Lock()
	c.watching = s
	c.mu.Unlock()
}

func (c *Client) unwatch() {
	c.mu.Lock()
	c.watching = nil
	c.mu.Unlock()
}

// narrowID is of requests whose answer nobody waits for; a refusal ends the session.
const narrowID = "narrow"

// keepNarrow asks the server of a session that began with told for what is to be read
// instead, each time that changes, until the session ends; it ends one that does not
// take the request.
func (c *Client) keepNarrow(s *conn, told *Reach) {
	for {
		c.mu.Lock()
		now := c.only
		c.mu.Unlock()
		if now != told {
			if err := s.narrow(now); err != nil {
				if !errors.Is(ending(err), errEnded) {
					c.log.Warn("store takes no requests", "error", err)
				}
				_ = s.net.Close()
				return
			}
			told = now
		}
		select {
		case <-s.narrowed:
		case <-s.done:
			return
		}
	}
}

func (c *conn) narrow(r *Reach) error {
	where := r.where("Switch_Port")
	if where == nil {
		where = []any{true}
	}
	return c.send(map[string]any{"id": narrowID, "method": "monitor_cond_change", "params": []any{
		"rows", "rows", map[string]any{"Switch_Port": []any{map[string]any{"where": where}}},
	}})
}
