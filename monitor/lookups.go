package monitor

// lookupSum adds up what the lookups of all threads grew by. dpctl/show tells
// the sum of the threads that live, which falls when there are fewer of them
// (lib/dpif-netdev.c, dpif_netdev_get_stats, 2.17 to 4.0): a counter made of that
// would show as new packets all that the others have counted.
//
// It begins at 0 with its first look. The zero value is ready.
type lookupSum struct {
	begun             bool
	hit, missed, lost uint64
	threads           map[thread]Lookups // as seen last, also of threads that are gone
}

// look takes what threads told; those that told nothing are as they were.
func (s *lookupSum) look(pmds []PMDSample) {
	if s.threads == nil {
		s.threads = map[thread]Lookups{}
	}
	begun := s.begun
	for _, p := range pmds {
		if p.Lookups == nil {
			continue
		}
		is, was := *p.Lookups, s.threads[p.thread()]
		s.threads[p.thread()], s.begun = is, true
		if !begun {
			continue
		}
		if is.hit() < was.hit() || is.Upcall < was.Upcall || is.Lost < was.Lost {
			was = Lookups{} // counted anew
		}
		s.hit += is.hit() - was.hit()
		s.missed += is.Upcall - was.Upcall
		s.lost += is.Lost - was.Lost
	}
}

func (l Lookups) hit() uint64 { return l.PHWOL + l.SimpleMatch + l.EMC + l.SMC + l.Megaflow }

// emit sends the sums, of the one datapath whose threads are read.
func (s *lookupSum) emit(e emitter, datapaths []DatapathSample) {
	if !s.begun {
		return
	}
	for _, d := range datapaths {
		e.emit(datapathLookups, float64(s.hit), d.Name, "hit")
		e.emit(datapathLookups, float64(s.missed), d.Name, "missed")
		e.emit(datapathLookups, float64(s.lost), d.Name, "lost")
	}
}
