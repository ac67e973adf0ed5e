package ofconn

import (
	"context"
	"sync"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// request sends what build makes with a transaction id and hands every reply to
// take, from the reading goroutine, until take says that it was the last. An
// error of the switch is the last one too.
func (s *Session) request(ctx context.Context, build func(xid uint32) []byte, take func(m []byte) (last bool, err error)) error {
	var failed error
	ready := make(chan struct{})
	w := s.expect(1, func(_ int, h openflow.Header, m []byte) {
		select {
		case <-ready:
			return
		default:
		}
		last, err := true, error(nil)
		if h.Type == openflow.TypeError {
			var e *openflow.Error
			if e, err = switchError(m); err == nil {
				err = e
			}
		} else {
			last, err = take(m)
		}
		if last || err != nil {
			failed = err
			close(ready)
		}
	})
	defer s.forget(w)
	if err := s.writeOnce(ctx, build(w.first)); err != nil {
		return err
	}
	if err := s.wait(ctx, ready); err != nil {
		return err
	}
	return failed
}

// switchError is an error of the switch, which keeps nothing of m.
func switchError(m []byte) (*openflow.Error, error) {
	e, err := openflow.ParseError(m)
	if err != nil {
		return nil, err
	}
	e.Data = append([]byte(nil), e.Data...)
	return e, nil
}

// lastOne takes one reply and is content.
func lastOne([]byte) (bool, error) { return true, nil }

// Echo asks the switch whether it is there.
func (s *Session) Echo(ctx context.Context) error {
	return s.request(ctx, func(xid uint32) []byte { return openflow.AppendEchoRequest(nil, xid) }, lastOne)
}

// Barrier returns when the switch has done all that was sent before.
func (s *Session) Barrier(ctx context.Context) error {
	return s.request(ctx, func(xid uint32) []byte { return openflow.AppendBarrier(nil, xid) }, lastOne)
}

// multipart asks and parses the parts of the reply as they come.
func (s *Session) multipart(ctx context.Context, build func(xid uint32) []byte, parse func(m []byte) error) error {
	return s.request(ctx, build, func(m []byte) (bool, error) {
		if err := parse(m); err != nil {
			return true, err
		}
		_, more := openflow.Multipart(m)
		return !more, nil
	})
}

// DumpFlows calls f for each flow of the bridge that r is for, one after the
// other from another goroutine, and returns after the last. f must not block nor
// use the session. Flows that change meanwhile may be seen or not. After an error
// f may have seen some.
func (s *Session) DumpFlows(ctx context.Context, r openflow.FlowRequest, f func(openflow.FlowEntry)) error {
	var mu sync.Mutex
	over := false
	defer func() {
		mu.Lock()
		defer mu.Unlock()
		over = true // f is not called any more, also where ctx ended first
	}()
	return s.multipart(ctx, func(xid uint32) []byte { return openflow.AppendFlowRequest(nil, xid, r) },
		func(m []byte) error {
			mu.Lock()
			defer mu.Unlock()
			if over {
				return nil
			}
			return openflow.ParseFlows(m, f)
		})
}

// gather collects what the parts of a reply hold.
func gather[T any](ctx context.Context, s *Session, build func(xid uint32) []byte, parse func([]byte, func(T)) error) ([]T, error) {
	var mu sync.Mutex
	var all []T
	err := s.multipart(ctx, build, func(m []byte) error {
		mu.Lock()
		defer mu.Unlock()
		return parse(m, func(v T) { all = append(all, v) })
	})
	if err != nil {
		return nil, err
	}
	mu.Lock()
	defer mu.Unlock()
	return all, nil
}

// Groups are the groups of the bridge.
func (s *Session) Groups(ctx context.Context) ([]openflow.GroupEntry, error) {
	return gather(ctx, s, func(xid uint32) []byte { return openflow.AppendGroupRequest(nil, xid, openflow.AllGroups) }, openflow.ParseGroups)
}

// Meters are the meters of the bridge.
func (s *Session) Meters(ctx context.Context) ([]openflow.MeterEntry, error) {
	return gather(ctx, s, func(xid uint32) []byte { return openflow.AppendMeterRequest(nil, xid, openflow.AllMeters) }, openflow.ParseMeters)
}

// Ports are the ports of the bridge.
func (s *Session) Ports(ctx context.Context) ([]openflow.PortDesc, error) {
	return gather(ctx, s, func(xid uint32) []byte { return openflow.AppendPortRequest(nil, xid, openflow.PortNone) }, openflow.ParsePorts)
}

// Tables are the flow tables of the bridge.
func (s *Session) Tables(ctx context.Context) ([]openflow.TableFeatures, error) {
	return gather(ctx, s, func(xid uint32) []byte { return openflow.AppendTableRequest(nil, xid) }, openflow.ParseTables)
}

// TableStats are the counters of the bridge's flow tables.
func (s *Session) TableStats(ctx context.Context) ([]openflow.TableCounts, error) {
	return gather(ctx, s, func(xid uint32) []byte { return openflow.AppendTableStatsRequest(nil, xid) }, openflow.ParseTableStats)
}

// MeterStats are the counters of the bridge's meters.
func (s *Session) MeterStats(ctx context.Context) ([]openflow.MeterCounts, error) {
	return gather(ctx, s, func(xid uint32) []byte { return openflow.AppendMeterStatsRequest(nil, xid, openflow.AllMeters) }, openflow.ParseMeterStats)
}

// TLVTable is the bridge's table of tunnel options.
func (s *Session) TLVTable(ctx context.Context) (openflow.TLVTable, error) {
	var t openflow.TLVTable
	err := s.request(ctx, func(xid uint32) []byte { return openflow.AppendTLVRequest(nil, xid) },
		func(m []byte) (last bool, err error) {
			t, err = openflow.ParseTLVTable(m)
			return true, err
		})
	if err != nil {
		return openflow.TLVTable{}, err
	}
	return t, nil
}
