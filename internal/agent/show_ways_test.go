package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/tunnel"
	"github.com/sluice-nfv/sluice/internal/lab"
)

func TestWayBookTellsOfTheLastMinute(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	host := logical.ID[logical.Host]{1}
	type look struct {
		seconds        int
		sent, received uint64
	}
	for name, c := range map[string]struct {
		looks []look
		want  tunnel.Lately
	}{
		"one look":          {[]look{{0, 900, 900}}, tunnel.Lately{}},
		"two, too near":     {[]look{{0, 900, 900}, {2, 950, 900}}, tunnel.Lately{}},
		"sent and not back": {[]look{{0, 900, 900}, {6, 1050, 900}}, tunnel.Lately{Sent: 150, Over: 6 * time.Second}},
		"laid anew":         {[]look{{0, 900, 900}, {6, 50, 0}}, tunnel.Lately{Sent: 50, Over: 6 * time.Second}},
		"a minute, no more": {[]look{{0, 1, 1}, {30, 11, 1}, {70, 31, 4}}, tunnel.Lately{Sent: 20, Received: 3, Over: 40 * time.Second}},
	} {
		var b wayBook
		var got tunnel.Lately
		for _, l := range c.looks {
			now, counts := noon.Add(time.Duration(l.seconds)*time.Second), count{sent: l.sent, received: l.received}
			b.look(now, map[logical.ID[logical.Host]]count{host: counts})
			got = b.lately(host, now, counts)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

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
