package host_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
)

// TestHugepagePools: the same pools as a look at the whole host finds.
func TestHugepagePools(t *testing.T) {
	for _, name := range []string{"vm2", "two-socket", "epyc8", "no-numa", "no-hugepages"} {
		fs := hosttest.Tree(t, name)
		whole, err := fs.Topology(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var want []host.Node
		for _, n := range whole.Nodes {
			want = append(want, host.Node{ID: n.ID, Hugepages: n.Hugepages})
		}
		got, err := fs.HugepagePools()
		if missing := strings.Contains(strings.Join(whole.Missing, "\n"), "hugepages"); missing != (err != nil) {
			t.Errorf("%s: %v, of the whole %q", name, err, whole.Missing)
		}
		for i := range got {
			if len(got[i].Hugepages) == 0 {
				got[i].Hugepages = []host.Hugepages{}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-whole +pools):\n%s", name, diff)
		}
	}
}
