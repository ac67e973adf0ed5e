package main

import (
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/store"
)

// TestHostState holds a host that has yet to speak apart from one that fell silent.
func TestHostState(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	seen := func(ago time.Duration) *time.Time { at := now.Add(-ago); return &at }
	for _, test := range []struct {
		host chView
		want string
	}{
		{chView{}, "new"},
		{chView{Drained: true}, "new"},
		{chView{LastSeen: seen(0)}, "up"},
		{chView{LastSeen: seen(store.Live)}, "up"},
		{chView{LastSeen: seen(store.Live), Drained: true}, "drained"},
		{chView{LastSeen: seen(store.Live + 1)}, "silent"},
		{chView{LastSeen: seen(store.Live + 1), Drained: true}, "silent"},
	} {
		if got := test.host.state(now); got != test.want {
			t.Errorf("%+v: %s, want %s", test.host, got, test.want)
		}
	}
}
