package agent

import (
	"fmt"
	"time"
)

// roundsMissed is how many of its periods the reconcile loop may stay away: a
// pass may wait two minutes for the switch, and longer for an operator's apply.
const roundsMissed = 10

// Alive returns nil while the reconcile loop comes round, and what is wrong when
// its newest pass has ended ten periods ago or earlier: then the daemon lives,
// and its work is not done. Safe for concurrent use, also before Run.
func (a *Agent) Alive() error {
	last, what := a.began, "the daemon started"
	if s := a.state.get(); !s.at.IsZero() {
		last, what = s.at.Add(s.duration), "its newest pass ended"
	}
	if away := a.now().Sub(last); away >= roundsMissed*a.opt.Every {
		return fmt.Errorf("the reconcile loop does not come round: %s %v ago", what, away.Round(time.Second))
	}
	return nil
}
