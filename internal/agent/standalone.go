package agent

import (
	"context"
	"sync"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
)

// Standalone answers for a host without a daemon: it connects once, and acts
// only when it is asked. It must not be used beside a running daemon, which
// would be a second writer. The profile need not be there yet. End closes the
// connection.
//
// Without a database, what does not need one still works: facts of the host.
func Standalone(ctx context.Context, opt Options) (b api.Backend, end func(), err error) {
	a := New(opt)
	_ = a.profile.load() // status tells why there is none
	db, err := ovsdb.Dial(ctx, opt.Database, a.log)
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		a.db.set(nil, err)
		return backend{a}, func() {}, nil
	}
	a.db.set(db, nil)
	var once sync.Once
	return backend{a}, func() { once.Do(db.Close) }, nil
}
