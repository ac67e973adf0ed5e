package store

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// reader takes typed columns out of a row. An absent column has its default, as in
// update3. The first fault stays; all that follows is read as default.
type reader struct {
	keys   []string
	vals   []value
	fault  error
	column string // at fault
	// names are those of columns, by how they stand in a row.
	names map[string]string
}

// open cuts a row into its columns.
func (r *reader) open(row value) {
	r.keys, r.vals, r.fault, r.column = r.keys[:0], r.vals[:0], nil, ""
	r.fault = row.members(func(key, v value) error {
		name, known := r.names[string(key)]
		if !known {
			var err error
			if name, err = key.text(); err != nil {
				return err
			}
			if r.names == nil {
				r.names = map[string]string{}
			}
			r.names[string(key)] = name
		}
		r.keys, r.vals = append(r.keys, name), append(r.vals, v)
		return nil
	})
}

func (r *reader) get(column string) value {
	if r.fault != nil {
		return nil
	}
	if i := slices.Index(r.keys, column); i >= 0 {
		return r.vals[i]
	}
	return nil
}

func (r *reader) fail(column string, err error) {
	if r.fault == nil && err != nil {
		r.fault, r.column = fmt.Errorf("column %s: %w", column, err), column
	}
}

// read is one column through its parser.
func read[T any](r *reader, column string, parse func(value) (T, error)) T {
	v := r.get(column)
	var none T
	if v == nil {
		return none
	}
	t, err := parse(v)
	if err != nil {
		r.fail(column, err)
		return none
	}
	return t
}

func (r *reader) text(column string) string { return read(r, column, value.text) }

// word is text of which many rows have the same.
func (r *reader) word(column string) string { return unique.Make(r.text(column)).Value() }

func (r *reader) flag(column string) bool { return read(r, column, value.boolean) }

func number[T ~uint8 | ~uint16 | ~uint32 | ~uint64](r *reader, column string) T {
	return read(r, column, func(v value) (T, error) {
		n, err := v.integer(uint64(^T(0)))
		return T(n), err
	})
}

func word[T ~string](r *reader, column string) T { return T(r.word(column)) }

// ref is a reference, zero for an empty set.
func ref[E any](r *reader, column string) logical.ID[E] {
	return read(r, column, func(v value) (logical.ID[E], error) {
		if u, err := v.uuid(); err == nil {
			return logical.ID[E](u), nil
		}
		all, err := v.atoms()
		if err != nil || len(all) == 0 {
			return logical.ID[E]{}, err
		}
		u, err := all[0].uuid()
		return logical.ID[E](u), err
	})
}

// set is a set through its elements' parser, ascending and each once.
func set[T any](r *reader, column string, parse func(value) (T, error), compare func(a, b T) int) []T {
	return read(r, column, func(v value) ([]T, error) {
		if len(v) > 0 && v[0] != '[' { // one alone
			t, err := parse(v)
			if err != nil {
				return nil, err
			}
			return []T{t}, nil
		}
		atoms, err := v.atoms()
		if err != nil || len(atoms) == 0 {
			return nil, err
		}
		all := make([]T, 0, len(atoms))
		for _, a := range atoms {
			t, err := parse(a)
			if err != nil {
				return nil, err
			}
			all = append(all, t)
		}
		slices.SortFunc(all, compare)
		return slices.CompactFunc(all, func(a, b T) bool { return compare(a, b) == 0 }), nil
	})
}

// by reads a string through a parser of text.
func by[T any](parse func(string) (T, error)) func(value) (T, error) {
	return func(v value) (T, error) {
		s, err := v.text()
		if err != nil {
			var none T
			return none, err
		}
		return parse(s)
	}
}

// orNone reads empty text as the zero value.
func orNone[T any](parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		if s == "" {
			var none T
			return none, nil
		}
		return parse(s)
	}
}

func (r *reader) addr(column string) netip.Addr {
	return read(r, column, by(orNone(netip.ParseAddr)))
}

func (r *reader) addrs(column string) []netip.Addr {
	return set(r, column, by(netip.ParseAddr), netip.Addr.Compare)
}

func (r *reader) prefix(column string) netip.Prefix {
	return read(r, column, by(orNone(netip.ParsePrefix)))
}

func (r *reader) prefixes(column string) []netip.Prefix {
	return set(r, column, by(netip.ParsePrefix), netip.Prefix.Compare)
}

func (r *reader) mac(column string) logical.MAC {
	return read(r, column, by(orNone(logical.ParseMAC)))
}

func (r *reader) words(column string) []string {
	return set(r, column, value.text, strings.Compare)
}

func refs[E any](r *reader, column string) []logical.ID[E] {
	return set(r, column, func(v value) (logical.ID[E], error) {
		u, err := v.uuid()
		return logical.ID[E](u), err
	}, logical.ID[E].Compare)
}

// list is text with commas between its parts, in their order.
func (r *reader) list(column string) []string {
	s := r.text(column)
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func (r *reader) pairs(column string, f func(key, val string) error) {
	v := r.get(column)
	if v == nil {
		return
	}
	r.fail(column, v.pairs(func(k, v value) error {
		key, err := k.text()
		if err != nil {
			return err
		}
		val, err := v.text()
		if err != nil {
			return err
		}
		return f(key, val)
	}))
}

// millis is a time in milliseconds since 1970, zero for 0.
func (r *reader) millis(column string) time.Time {
	n := read(r, column, func(v value) (uint64, error) { return v.integer(1 << 52) })
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}

// parsePorts reads "80", "80-90" or nothing.
func parsePorts(s string) (logical.PortRange, error) {
	if s == "" {
		return logical.PortRange{}, nil
	}
	first, last, ok := strings.Cut(s, "-")
	if !ok {
		last = first
	}
	a, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		return logical.PortRange{}, fmt.Errorf("%.20q are no ports: write 80 or 80-90", s)
	}
	b, err := strconv.ParseUint(last, 10, 16)
	if err != nil || b < a {
		return logical.PortRange{}, fmt.Errorf("%.20q are no ports: write 80 or 80-90", s)
	}
	return logical.PortRange{First: uint16(a), Last: uint16(b)}, nil
}

func formatPorts(p logical.PortRange) string {
	switch {
	case p.IsZero():
		return ""
	case p.First == p.Last:
		return strconv.Itoa(int(p.First))
	}
	return fmt.Sprintf("%d-%d", p.First, p.Last)
}
