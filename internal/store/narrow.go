package store

import (
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
// comes and goes by it comes as an ordinary Update. It does not wait for the
// server, and may be called while Run tells.
func (c *Client) Narrow(r *Reach) error {
	if r != nil {
		r = &Reach{Switches: slices.Clone(r.Switches), Ports: slices.Clone(r.Ports), Parents: slices.Clone(r.Parents)}
	}
	c.mu.Lock()
	s := c.reader
	c.only = r
	c.mu.Unlock()
	if s == nil {
		return nil
	}
	where := r.where("Switch_Port")
	if where == nil {
		where = []any{true}
	}
	return s.send(map[string]any{"id": "narrow", "method": "monitor_cond_change", "params": []any{
		"rows", "rows", map[string]any{"Switch_Port": []any{map[string]any{"where": where}}},
	}})
}
