package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-nfv/sluice/flows/simulate"
)

// Compare says how what the switches do differs from all that may happen, in words;
// empty when it is one of that. punts translates the first byte of a controller
// action's userdata, in hexadecimal, into what the daemon is asked for; nil takes
// any for any.
func Compare(want []simulate.Outcome, got Observed, punts map[string]simulate.Punt) string {
	var complaints []string
	for _, w := range want {
		c := compare(w, got, punts)
		if c == "" {
			return ""
		}
		if !slices.Contains(complaints, c) {
			complaints = append(complaints, c)
		}
	}
	return strings.Join(complaints, "\nor ")
}

func compare(want simulate.Outcome, got Observed, punts map[string]simulate.Punt) string {
	if got.Circles && !want.Loop {
		return fmt.Sprintf("must be %s\ngoes in circles", want)
	}
	if want.Verdict == simulate.Punted {
		if want.Loop && len(got.Punts)+len(got.Out) == 0 {
			return "" // dropped before it dies of age
		}
		if len(got.Punts) == 1 && len(got.Out) == 0 && got.Punts[0].Host == want.Host && asks(got.Punts[0].Controller, want.Punt, punts) {
			return ""
		}
		return fmt.Sprintf("must be %s\nis %s", want, got)
	}
	if len(got.Out) == 0 && len(got.Punts) == 1 && mayPunt(want, got.Punts[0].Controller) {
		return ""
	}
	if len(got.Punts) > 0 || !slices.Equal(want.Out, got.Out) {
		return fmt.Sprintf("must be %s\nis %s", want, got)
	}
	return ""
}

// Excused says whether what the switches do agrees with none of what may happen but by
// an excuse: see mayPunt.
func Excused(want []simulate.Outcome, got Observed, punts map[string]simulate.Punt) bool {
	for _, w := range want {
		if w.Loop, w.Expired = false, false; compare(w, got, punts) == "" {
			return false
		}
	}
	return Compare(want, got, punts) == ""
}

// mayPunt says whether the daemon may get a packet instead of what the model says:
// around a loop of routers it may also die of age.
func mayPunt(want simulate.Outcome, got Controller) bool {
	return (want.Loop || want.Expired) && got.Reason == reasonTTL
}

// asks says whether a packet-in is for a purpose.
func asks(c Controller, want simulate.Punt, punts map[string]simulate.Punt) bool {
	if c.Reason == reasonTTL || want == simulate.PuntTTLExceeded {
		return c.Reason == reasonTTL && want == simulate.PuntTTLExceeded
	}
	return punts == nil || len(c.Userdata) >= 2 && punts[c.Userdata[:2]] == want
}

// String writes what comes out and what the daemons get, a line each.
func (o Observed) String() string {
	var lines []string
	for _, d := range o.Out {
		lines = append(lines, "delivered "+d.String())
	}
	for _, p := range o.Punts {
		lines = append(lines, fmt.Sprintf("punted on %s: reason %d, userdata %q", p.Host, p.Reason, p.Userdata))
	}
	if lines == nil {
		return "dropped"
	}
	return strings.Join(lines, "\n")
}
