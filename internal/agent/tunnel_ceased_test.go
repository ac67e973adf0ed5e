package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// On real switches: a tunnel that worked and ceased to is told of, and so is the cable
// that is out; the name that alerts have of a watched tunnel is its host's, too.
func TestTunnelThatCeased(t *testing.T) {
	a, b, c, _ := pair(t)
	tenants(a, c)
	one, two := a.plug(1), b.plug(2)
	one.reaches(two, "to h2")
	two.reaches(one, "from h2")
	got, err := a.api.Tunnel(a.limit(), "h2")
	if err != nil || len(got.Reasons) != 1 || !strings.HasPrefix(got.Reasons[0].What, "MTU: ") {
		t.Fatalf("while it works: %+v %v", got.Reasons, err)
	}
	defer one.mutter()()
	if _, err := b.host.VSCtl(b.limit(), "del-port", "br-phy", "wire"); err != nil {
		t.Fatal(err)
	}
	told := func(host, words string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 3*patience) // it is silent for a while before it is doubted
		defer cancel()
		if err := lab.Until(ctx, "explain says "+words, func(ctx context.Context) error {
			got, err := a.api.Tunnel(ctx, host)
			for _, r := range got.Reasons {
				if strings.Contains(r.What, words) {
					return nil
				}
			}
			return errors.Join(err, fmt.Errorf("it tells %+v", got.Reasons))
		}); err != nil {
			t.Fatal(err)
		}
	}
	told("h2", "the last one came")
	b.ip("link", "set", "wire", "down")
	told("h2", "no NIC of bridge br-phy has a link (wire)")

	b.write(plainOverlay("h2", "172.16.0.2", ", role: edge, bfd: {minRx: 200ms, minTx: 200ms}"))
	a.hasPorts("br-int", "sluice-bfd-h2", "sluice-geneve", "vm1")
	told("sluice-bfd-h2", "BFD on port sluice-bfd-h2 is down")
	a.until("port explain and status tell of BFD", func() error {
		e, err := a.api.Explain(a.limit(), "sluice-bfd-h2")
		s, err2 := a.api.Status(a.limit())
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		problems := strings.Join(s.Network.Problems, "\n")
		if e.Healthy || !strings.Contains(e.Reasons[0].What, "BFD on port sluice-bfd-h2 is down") || !strings.Contains(problems, "sluicectl tunnel explain sluice-bfd-h2") {
			return fmt.Errorf("they tell %+v, %q", e, problems)
		}
		return nil
	})
}
