package overlay

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/store"
)

// TestBeats plays a day of 1,000 hosts that start together: they do not speak together
// for long, write a good deal less than every 20 s, and each that gets no answer twice,
// for as long as it waits for one, is heard again while it is taken for alive.
func TestBeats(t *testing.T) {
	const hosts, day = 1000, 24 * time.Hour
	roll := rand.New(rand.NewPCG(7, 7))
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	inSecond := make([]int, day/time.Second+1)
	words := 0
	for range hosts {
		for now := start; now.Before(start.Add(day)); words++ {
			inSecond[now.Sub(start)/time.Second]++
			next := nextBeat(now, func(n time.Duration) time.Duration { return time.Duration(roll.Int64N(int64(n))) })
			if late := next.Sub(now) + 2*(announceTimeout+untilBeat(next, next, errors.New("no answer"))); late >= store.Live {
				t.Fatalf("two words without an answer, and the third comes after %s", late)
			}
			now = now.Add(untilBeat(next, now, nil))
		}
	}
	if each := float64(words) / hosts / day.Seconds(); each > 1/24.0 {
		t.Errorf("a host speaks every %.1f s", 1/each)
	}
	most := 0
	for _, n := range inSecond[600:] {
		most = max(most, n)
	}
	if most > hosts/10 {
		t.Errorf("%d of %d hosts speak in one second after ten minutes", most, hosts)
	}
}
