package overlay

import (
	"time"

	"github.com/sluice-nfv/sluice/internal/store"
)

// A host tells the store that it lives every 20 to 30 s, another time each: each word is
// an entry of the cluster's log, which every member writes to its disk, and 5,000 hosts
// that were started together must not speak together for ever. Others take it for dead
// after store.Live. Two words in a row may get no answer, each for all of
// announceTimeout, and the third still comes in time: an election in between costs no
// host its tunnel address.
const (
	beatEvery  = store.Live * 5 / 12
	beatSpread = beatEvery / 5 // more or less
)

// nextBeat is when the next word is due. roll returns one of [0, n).
func nextBeat(now time.Time, roll func(n time.Duration) time.Duration) time.Time {
	return now.Add(beatEvery - beatSpread + roll(2*beatSpread))
}

// untilBeat is how long to wait for the next word; after a failure soon.
func untilBeat(next, now time.Time, err error) time.Duration {
	switch {
	case err != nil:
		return redial
	case !next.After(now): // there was nothing to say
		return beatEvery
	}
	return next.Sub(now)
}
