package overlay

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/monitor"
)

// Each problem and each error is logged when it comes, and a problem when it goes; that
// the store has not been read yet is nothing to be warned of.
func TestTellSwitch(t *testing.T) {
	var log strings.Builder
	n := &Network{log: slog.New(slog.NewTextHandler(&log, nil)), recorder: monitor.NewRecorder(monitor.Build{}), daemon: aside{}}
	for _, step := range []struct {
		name     string
		problems []string
		err      error
		want     string
	}{
		{name: "at start", err: errStoreUnread},
		{name: "laid", want: "is laid"},
		{name: "one", problems: []string{"a"}, want: `WARN problem=a`},
		{name: "the same", problems: []string{"a"}},
		{name: "another", problems: []string{"a", "b"}, want: `WARN problem=b`},
		{name: "one goes", problems: []string{"b"}, want: `INFO problem=a`},
		{name: "an error", problems: []string{"b"}, err: errors.New("oops"), want: "WARN error=oops"},
		{name: "the same error", problems: []string{"b"}, err: errors.New("oops")},
	} {
		log.Reset()
		n.twice = step.problems
		n.tellSwitch(&laidSwitch{}, false, step.err)
		words := strings.Fields(step.want)
		lines := strings.Count(log.String(), "\n")
		if want := min(len(words), 1); lines != want {
			t.Errorf("%s: %d lines, want %d: %s", step.name, lines, want, log.String())
		}
		for _, w := range words {
			if !strings.Contains(log.String(), w) {
				t.Errorf("%s: no %s in %s", step.name, w, log.String())
			}
		}
	}
}

// A local store's trouble is told beside what it causes.
func TestStoreTroubleNamesTheLocalServer(t *testing.T) {
	for _, c := range []struct {
		s    Status
		want string
	}{
		{Status{}, ""},
		{Status{Local: "no control socket"}, ""}, // it is followed all the same
		{Status{Store: "no database Sluice"}, "no database Sluice"},
		{Status{Store: "no database Sluice", Local: "no control socket"}, "no database Sluice; this host's own store is not served: no control socket"},
	} {
		if diff := cmp.Diff(c.want, c.s.store()); diff != "" {
			t.Errorf("%+v: %s", c.s, diff)
		}
	}
}
