package overlay

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/tunnel"
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
