package ovsdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ovn-kubernetes/libovsdb/ovsdb"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// ensureRoot makes the Open_vSwitch row where there is none, as `ovs-vsctl init`
// does, and returns when the mirror holds it. The schema allows one such row:
// who comes second is refused.
func (c *Client) ensureRoot(ctx context.Context) error {
	hasRoot := func(o vswitch.Observed) bool {
		_, ok := o.Row(vswitch.Root)
		return ok
	}
	o, err := c.Observe(ctx)
	if err != nil || hasRoot(o) {
		return err
	}
	insert := ovsdb.Operation{Op: ovsdb.OperationInsert, Table: string(vswitch.OpenvSwitch), Row: ovsdb.Row{"next_cfg": 0}}
	_, err = c.transact(ctx, []ovsdb.Operation{insert})
	if second, ok := errors.AsType[*RefusedError](err); ok && strings.HasPrefix(second.Reason, "constraint violation") {
		err = nil
	}
	if err == nil {
		_, err = c.WaitFor(ctx, hasRoot)
	}
	if err != nil {
		return fmt.Errorf("make the Open_vSwitch row: %w", err)
	}
	return nil
}
