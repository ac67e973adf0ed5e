package flows

import (
	"encoding/binary"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// A cookie is a class of 4 bits and the last 60 bits of the UUID of the row the flow
// is for: the last 15 digits of both texts agree. The bits before them are those that
// tell the version of a UUID.
const (
	cookieBits = 60
	cookieMask = 1<<cookieBits - 1
)

// classes are the kinds that own flows, by the class in their cookies; they do not
// change. Class 0 is for flows that belong to no row.
func classes() []logical.Kind {
	return []logical.Kind{
		0, logical.KindHost, logical.KindSwitch, logical.KindSwitchPort, logical.KindRouter, logical.KindRouterPort, logical.KindRoute,
		logical.KindNAT, logical.KindSecurityGroup, logical.KindSecurityRule, logical.KindLoadBalancer, logical.KindMirror, logical.KindTrace,
	}
}

// Cookie is the cookie of the flows that belong to a row. The zero Ref is for those
// that belong to none.
func Cookie(r logical.Ref) uint64 {
	class := max(slices.Index(classes(), r.Kind), 0)
	return uint64(class)<<cookieBits | tail(r.UUID)
}

func tail(u logical.UUID) uint64 { return binary.BigEndian.Uint64(u[8:]) & cookieMask }

// Owner is the kind of row a cookie is of, and the last 15 digits of its UUID. ok is
// false for a cookie that is none of ours.
func Owner(cookie uint64) (kind logical.Kind, digits uint64, ok bool) {
	class := int(cookie >> cookieBits)
	if class >= len(classes()) || class == 0 && cookie != 0 {
		return 0, 0, false
	}
	return classes()[class], cookie & cookieMask, true
}

// Find is the row of a snapshot that a cookie is of, nil where it is gone or the
// cookie is none of ours. It walks the snapshot.
func Find(s *logical.Snapshot, cookie uint64) logical.Entity {
	kind, digits, ok := Owner(cookie)
	if !ok || kind == 0 {
		return nil
	}
	for e := range s.All() {
		if r := e.Ref(); r.Kind == kind && tail(r.UUID) == digits {
			return e
		}
	}
	return nil
}
