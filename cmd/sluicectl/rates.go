package main

import (
	"fmt"
	"maps"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
)

// rates are the packet rates of ports. OVS writes its counters anew every five
// seconds (other_config:stats-update-interval), so a rate is the growth between
// two looks at which a counter had changed, and stands until the next.
type rates map[string]*rate

type rate struct {
	counters  map[string]int64
	changed   time.Time
	perSecond map[string]float64
}

// look takes in the ports as they are at a moment.
func (r rates) look(ports []api.Port, at time.Time) {
	for _, p := range ports {
		was := r[p.Name]
		switch {
		case was == nil:
			r[p.Name] = &rate{counters: p.Counters, changed: at}
		case !maps.Equal(was.counters, p.Counters):
			r[p.Name] = &rate{counters: p.Counters, changed: at, perSecond: grown(was, p.Counters, at)}
		}
	}
}

// grown leaves out counters that began anew.
func grown(was *rate, now map[string]int64, at time.Time) map[string]float64 {
	seconds := at.Sub(was.changed).Seconds()
	out := map[string]float64{}
	for name, n := range now {
		if before, told := was.counters[name]; told && n >= before && seconds > 0 {
			out[name] = float64(n-before) / seconds
		}
	}
	return out
}

// of returns a rate in words; "-" while it is not known.
func (r rates) of(port, counter string) string {
	if known := r[port]; known != nil {
		if n, ok := known.perSecond[counter]; ok {
			return fmt.Sprintf("%.0f", n)
		}
	}
	return "-"
}
