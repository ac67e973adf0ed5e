package ovsdb

import (
	"errors"
	"maps"
)

// errReadings marks a message that is not what RFC 7047 and ovsdb-server(7) say.
var errReadings = errors.New("unintelligible message")

// row is what a row of table Interface has in the columns of Reading.
type row struct {
	name    string
	reading Reading
}

// rows are the rows by their UUID. The maps of a reading are never changed, but put in
// another's place: whoever has them keeps them.
type rows map[string]row

// message is a JSON-RPC message of a server's (RFC 7047, 4) with its members as they
// came; nil = it has none of this name.
type message struct{ method, id, params, result, failure []byte }

func (s *scanner) message() (m message) {
	s.object(func(key string) {
		into := map[string]*[]byte{"method": &m.method, "id": &m.id, "params": &m.params, "result": &m.result, "error": &m.failure}[key]
		s.peek()
		start := s.i
		s.skip()
		if into != nil && s.err == nil {
			*into = s.b[start:s.i]
		}
	})
	return m
}

// tables reads <table-updates2> of ovsdb-server(7), 4.1.14:
//
//	{"Interface":{"9e5e...":{"modify":{"statistics":["map",[["rx_packets",7]]]}}}}
//
// Of a new row ("initial", "insert") columns with their default are left out. A changed
// one ("modify") has only the columns that changed, and of maps only the pairs.
func (s *scanner) tables(into rows) {
	s.object(func(string) {
		s.object(func(uuid string) {
			s.object(func(what string) {
				switch what {
				case "initial", "insert":
					into[uuid] = s.row(row{reading: Reading{Statistics: map[string]int64{}}})
				case "modify":
					was, known := into[uuid]
					if !known {
						s.fail("a change of a row that is not there")
						return
					}
					into[uuid] = s.row(was)
				case "delete":
					delete(into, uuid)
					s.skip()
				default:
					s.fail("a row is said to %.20q", what)
				}
			})
		})
	})
}

// row reads columns of a row that was so before.
func (s *scanner) row(r row) row {
	s.object(func(column string) {
		switch column {
		case "name":
			r.name = s.text()
		case "statistics":
			r.reading.Statistics = s.counters(r.reading.Statistics)
		case "link_resets":
			r.reading.LinkResets = s.optionalInteger()
		case "lacp_current":
			r.reading.LACPCurrent = s.optionalTruth()
		case "bfd_status":
			r.reading.BFD = s.words(r.reading.BFD)
		default:
			s.skip()
		}
	})
	return r
}

// counters reads a changed map. A pair that was there goes, a key with another value
// gets it. A number that is no int64 is not known.
func (s *scanner) counters(was map[string]int64) map[string]int64 {
	is := make(map[string]int64, max(len(was), 16))
	maps.Copy(is, was)
	s.pairs(func(key string) {
		n, ok := s.integer()
		if before, there := was[key]; !ok || there && before == n {
			delete(is, key)
			return
		}
		is[key] = n
	})
	return is
}

// words is the same of texts; nil = none.
func (s *scanner) words(was map[string]string) map[string]string {
	is := make(map[string]string, len(was))
	maps.Copy(is, was)
	s.pairs(func(key string) {
		text := s.text()
		if before, there := was[key]; there && before == text {
			delete(is, key)
			return
		}
		is[key] = text
	})
	if len(is) == 0 {
		return nil
	}
	return is
}
