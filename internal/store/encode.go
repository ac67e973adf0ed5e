package store

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// row is a row as a transaction writes it.
type row map[string]any

func setOf[T any](all []T, atom func(T) any) any {
	atoms := make([]any, len(all))
	for i, v := range all {
		atoms[i] = atom(v)
	}
	return []any{"set", atoms}
}

func textSet[T fmt.Stringer](all []T) any { return setOf(all, func(v T) any { return v.String() }) }

func wordSet(all []string) any { return setOf(all, func(v string) any { return v }) }

// uuidOf is a reference: to a row, or to one that the same transaction inserts.
func uuidOf(u logical.UUID) any { return []any{"uuid", u.String()} }

func refOf[E any](id logical.ID[E]) any { return uuidOf(id.UUID()) }

// optional is an empty set for the zero id.
func optional[E any](id logical.ID[E]) any {
	if id.IsZero() {
		return []any{"set", []any{}}
	}
	return refOf(id)
}

func refSet[E any](ids []logical.ID[E]) any { return setOf(ids, refOf[E]) }

func mapOf(m map[string]string) any {
	pairs := make([]any, 0, len(m))
	for k, v := range m {
		pairs = append(pairs, []any{k, v})
	}
	return []any{"map", pairs}
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func prefixText(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}

func macText(m logical.MAC) string {
	if m.IsZero() {
		return ""
	}
	return m.String()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
