package flows

import (
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Wants hands out the flows that this host should have and that are asked for, in no
// order, with the rows that want one under its key: first the row whose flow it is. The
// zero Ref is for the flows that belong to no row. The slice is f's to keep.
func (c *Compiler) Wants(asked func(of.Flow) bool, f func(flow of.Flow, rows []logical.Ref)) {
	for _, e := range c.table.flows {
		if !asked(e.flow) {
			continue
		}
		rows := make([]logical.Ref, 1, 1+len(e.rest))
		rows[0] = e.unit.ref
		for _, other := range e.rest {
			rows = append(rows, other.unit.ref)
		}
		f(e.flow, rows)
	}
}
