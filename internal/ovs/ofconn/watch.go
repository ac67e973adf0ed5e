package ofconn

import (
	"context"
	"fmt"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// monitorID names the connection's only flow monitor.
const monitorID = 1

// Watch has the switch tell of what others do, and returns a channel that has a
// token after somebody else added, changed or removed flows, groups or meters, or a
// flow timed out. One token stands for any number of changes, all of them made
// before a dump that follows it. It is to be called once, before the dump that the
// changes are to be held against. A *Refused is the error of a switch that has no
// flow monitors for OpenFlow 1.5, as OVS before 3.0.
//
// At rest it costs nothing; what this session does costs a few bytes a message.
// Of the table of tunnel options OVS tells nothing.
func (s *Session) Watch(ctx context.Context) (<-chan struct{}, error) {
	err := s.Send(ctx, message(openflow.AppendForward), message(func(b []byte, xid uint32) []byte {
		return openflow.AppendFlowMonitor(b, xid, monitorID)
	}))
	if err != nil {
		return nil, fmt.Errorf("watch flows: %w", err)
	}
	return s.foreign, nil
}
