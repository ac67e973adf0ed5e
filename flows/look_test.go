package flows_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestAllAtOnce: a network that is there at the start, whose units are computed on all
// processors, comes to the rules of one that comes row after row.
func TestAllAtOnce(t *testing.T) {
	s, local := fleet(t, 1000)
	at := flows.New()
	at.Follow(s, everything(s), local)
	slowly, now := flows.New(), new(logical.Snapshot)
	for rows := range slices.Chunk(slices.Collect(s.All()), 100) {
		var delta logical.Delta
		now, delta = now.With(logical.Changes{Put: rows})
		slowly.Follow(now, delta, local)
		slowly.Done()
	}
	names := flows.NamesOf(s)
	if diff := cmp.Diff(slowly.Rules().Text(names), at.Rules().Text(names)); diff != "" {
		t.Errorf("row after row(-) at once(+)\n%s", diff)
	}
	pending := at.Pending()
	if got, want := len(pending.FlowMods), at.Len(); got != want || want < 1000 {
		t.Errorf("%d of %d flows are to be laid", got, want)
	}
	at.Done()
	if pending = at.Pending(); !pending.Empty() {
		t.Errorf("laid, and yet to be done: %+v", pending)
	}
}
