package store

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestHasty: a cluster with ovsdb-server's own election timer is warned of, with the
// next step that its leader takes.
func TestHasty(t *testing.T) {
	f, err := os.Open("testdata/3.1.0/leader.txt")
	must(t, err)
	raft, err := ParseRaftStatus(f)
	must(t, err)
	must(t, f.Close())
	const begin, end = ": a busy leader is taken for dead; on the leader: ovs-appctl -t /run/sluice-store/ctl cluster/change-election-timer Sluice ", ", and on until it is 5s"
	for _, c := range []struct {
		has  time.Duration
		want []string
	}{
		{raft.Election, []string{"the election timer is 1s" + begin + "2000" + end}},
		{4 * time.Second, []string{"the election timer is 4s" + begin + "5000" + end}},
		{ElectionTimer, nil},
		{2 * ElectionTimer, nil},
		{0, nil},
	} {
		raft.Election = c.has
		if diff := cmp.Diff(c.want, Warnings(nil, raft)); diff != "" {
			t.Errorf("%s: want(-) got(+)\n%s", c.has, diff)
		}
	}
}
