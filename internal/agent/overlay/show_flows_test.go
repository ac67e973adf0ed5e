package overlay

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

func TestCompare(t *testing.T) {
	flow := func(priority uint16, cookie uint64, do ...openflow.Action) openflow.Flow {
		return openflow.Flow{Table: 16, Priority: priority, Cookie: cookie, Do: openflow.Do(do...)}
	}
	want := func() map[openflow.Key]*wish {
		all := map[openflow.Key]*wish{}
		for _, f := range []openflow.Flow{flow(1, 5), flow(2, 5), flow(3, 5)} {
			all[f.Key()] = &wish{flow: f}
		}
		return all
	}
	held := []openflow.FlowEntry{{Flow: flow(1, 5), Packets: 9}, {Flow: flow(2, 6)}, {Flow: flow(4, 5)}}
	for name, tt := range map[string]struct {
		want map[openflow.Key]*wish
		is   map[uint16]api.FlowState
	}{
		"computed": {want(), map[uint16]api.FlowState{1: api.FlowLaid, 2: api.FlowAltered, 3: api.FlowMissing, 4: api.FlowForeign}},
		"not yet":  {nil, map[uint16]api.FlowState{1: api.FlowUnknown, 2: api.FlowUnknown, 4: api.FlowUnknown}},
		"nothing":  {map[openflow.Key]*wish{}, map[uint16]api.FlowState{1: api.FlowForeign, 2: api.FlowForeign, 4: api.FlowForeign}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[uint16]api.FlowState{}
			for _, f := range compare(tt.want, held) {
				got[f.is.Priority] = f.state
			}
			if diff := cmp.Diff(tt.is, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
