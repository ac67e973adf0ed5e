package ofconn

import (
	"context"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// IPFIX returns what the IPFIX exporters of the bridge say of themselves: its own, or
// with flows those of its collector sets. It is an error of the switch where there is
// none (OFPBRC_EPERM or NXST_NOT_CONFIGURED, by release).
func (s *Session) IPFIX(ctx context.Context, flows bool) ([]openflow.IPFIXStats, error) {
	return gather(ctx, s, func(xid uint32) []byte { return openflow.AppendIPFIXRequest(nil, xid, flows) },
		func(m []byte, f func(openflow.IPFIXStats)) error { return openflow.ParseIPFIX(m, flows, f) })
}
