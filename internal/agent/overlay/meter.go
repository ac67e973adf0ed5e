package overlay

import (
	"context"
	"slices"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// ensureMeters makes the meters as they should be, before the flows that use them:
// they cannot be in a bundle. It returns whether one was missing or another, and those
// that nothing should use.
func ensureMeters(ctx context.Context, session *ofconn.Session) (missing bool, unwanted []openflow.MeterEntry, err error) {
	there, err := session.Meters(ctx)
	if err != nil {
		return false, nil, err
	}
	for _, want := range flows.Meters() {
		command := openflow.MeterAdd
		if i := slices.IndexFunc(there, func(m openflow.MeterEntry) bool { return m.ID == want.ID }); i >= 0 {
			is := there[i]
			there = slices.Delete(there, i, i+1)
			if is.Flags == want.Flags && slices.Equal(is.Bands, want.Bands) {
				continue
			}
			command = openflow.MeterModify
		}
		missing = true
		if err := session.Send(ctx, &openflow.MeterMod{Command: command, Meter: want}); err != nil {
			return missing, nil, err
		}
	}
	return missing, there, nil
}

// clearMeters deletes meters that no flow uses any more: with a meter OVS deletes the
// flows that use it, too (ofproto.c, handle_delete_meter), so it comes after the bundle
// that took those away.
func clearMeters(ctx context.Context, session *ofconn.Session, unwanted []openflow.MeterEntry) error {
	for _, m := range unwanted {
		if err := session.Send(ctx, &openflow.MeterMod{Command: openflow.MeterDelete, Meter: openflow.MeterEntry{ID: m.ID}}); err != nil {
			return err
		}
	}
	return nil
}
