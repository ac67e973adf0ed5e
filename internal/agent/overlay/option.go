package overlay

import (
	"context"
	"errors"
	"fmt"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// ensureOption has the bridge know the tunnel option, and tells whether it lacked it.
// What somebody else has put in its place is not cleared: flows of theirs may refer to
// it. Our own of another class is replaced once no flow refers to it; until then the
// flows go on with it, and former says so.
func ensureOption(ctx context.Context, session *ofconn.Session, option openflow.TLVMap) (missing bool, former string, err error) {
	table, err := session.TLVTable(ctx)
	if err != nil {
		return false, "", err
	}
	add := &openflow.TLVMod{Command: openflow.TLVAdd, Maps: []openflow.TLVMap{option}}
	for _, is := range table.Maps {
		if is == option {
			return false, "", nil
		}
		if is.Index != option.Index {
			continue
		}
		if is.Type != option.Type || is.Length != option.Length {
			return false, "", fmt.Errorf("tun_metadata%d is somebody else's tunnel option (class 0x%x, type 0x%x, %d bytes): ovs-ofctl del-tlv-map on this bridge frees it, once nothing uses it", is.Index, is.Class, is.Type, is.Length)
		}
		err = session.Send(ctx, &openflow.TLVMod{Command: openflow.TLVDelete, Maps: []openflow.TLVMap{is}}, add)
		if refused, ok := errors.AsType[*ofconn.Refused](err); ok && refused.Index == 0 {
			return false, fmt.Sprintf("tunnel option: flows still refer to class 0x%x: class 0x%x takes its place when ovs-vswitchd starts anew", is.Class, option.Class), nil
		}
		return false, "", err
	}
	return true, "", session.Send(ctx, add)
}
