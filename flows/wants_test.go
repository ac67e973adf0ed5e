package flows_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestWants hands out just the rules, each with the row that its cookie names first.
func TestWants(t *testing.T) {
	s := twoHosts(t).snapshot()
	c := flows.New()
	c.Update(s, everything(s), on("h1", "blue1", "green1"))
	rules := map[of.Key]of.Flow{}
	for _, f := range c.Rules().Flows {
		rules[f.Key()] = f
	}
	c.Wants(func(f of.Flow) bool { return f.Table == 0 }, func(f of.Flow, _ []logical.Ref) {
		if f.Table != 0 {
			t.Errorf("%s was not asked for", f)
		}
	})
	all := func(of.Flow) bool { return true }
	c.Wants(all, func(f of.Flow, rows []logical.Ref) {
		if rules[f.Key()] != f || len(rows) == 0 || flows.Cookie(rows[0]) != f.Cookie {
			t.Errorf("%s is of %v", f, rows)
		}
		for i := 1; i < len(rows); i++ {
			if rows[i-1].Compare(rows[i]) >= 0 {
				t.Errorf("%s: %v are not in order", f, rows)
			}
		}
		delete(rules, f.Key())
	})
	if len(rules) > 0 {
		t.Errorf("%d rules are not handed out", len(rules))
	}
}
