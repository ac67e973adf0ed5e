package ovsdb

import "errors"

// errReadings marks a reply that is not what RFC 7047 says.
var errReadings = errors.New("unintelligible reply")

// parseReadings takes the reply to readingsRequest apart:
//
//	{"id":0,"error":null,"result":[{"rows":[
//	  {"name":"vm1","statistics":["map",[["rx_packets",7]]],"link_resets":0,"lacp_current":["set",[]],"bfd_status":["map",[]]}]}]}
//
// Names of counters repeat on every port: each is kept once.
func parseReadings(b []byte) (map[string]Reading, error) {
	s := &scanner{b: b, names: map[string]string{}}
	out := map[string]Reading{}
	s.object(func(key string) {
		switch key {
		case "error":
			if !s.null() {
				s.fail("the server refuses: %.100s", s.b[s.i:])
			}
		case "result":
			s.array(func() { s.object(func(key string) { s.result(key, out) }) })
		default:
			s.skip()
		}
	})
	if s.err != nil {
		return nil, s.err
	}
	return out, nil
}

// result reads a member of what became of the one operation.
func (s *scanner) result(key string, out map[string]Reading) {
	switch key {
	case "rows":
		s.array(func() {
			var r Reading
			name := ""
			s.object(func(key string) {
				switch key {
				case "name":
					name = s.text()
				case "statistics":
					r.Statistics = make(map[string]int64, 16)
					s.pairs(func(key string) {
						if n, ok := s.integer(); ok {
							r.Statistics[key] = n
						}
					})
				case "link_resets":
					r.LinkResets = s.optionalInteger()
				case "lacp_current":
					r.LACPCurrent = s.optionalTruth()
				case "bfd_status":
					s.pairs(func(key string) {
						if r.BFD == nil {
							r.BFD = map[string]string{}
						}
						r.BFD[key] = s.text()
					})
				default:
					s.skip()
				}
			})
			out[name] = r
		})
	case "error":
		s.fail("the server refuses: %.100s", s.b[s.i:])
	default:
		s.skip()
	}
}
