package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
)

// redial is the pause between attempts to reach the database.
const redial = time.Second

// dialTimeout bounds one attempt with its first load.
const dialTimeout = 10 * time.Second

// errNoDatabase says that there is no connection right now.
var errNoDatabase = errors.New("no connection to the database")

// session keeps one connection to the database and dials anew when it ends.
type session struct {
	endpoint string
	log      *slog.Logger
	clock    Clock
	wake     func(reason string)

	mu     sync.Mutex
	client *ovsdb.Client
	err    error // why client is nil
}

// get returns the connection, or why there is none.
func (s *session) get() (*ovsdb.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.client != nil:
		return s.client, nil
	case s.err != nil:
		return nil, fmt.Errorf("%w: %w", errNoDatabase, s.err)
	default:
		return nil, errNoDatabase
	}
}

func (s *session) set(c *ovsdb.Client, err error) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = s.client != c || (s.err == nil) != (err == nil) || err != nil && s.err.Error() != err.Error()
	s.client, s.err = c, err
	return changed
}

func (s *session) run(ctx context.Context) error {
	for ctx.Err() == nil {
		dialing, cancel := context.WithTimeout(ctx, dialTimeout)
		client, err := ovsdb.Dial(dialing, s.endpoint, s.log)
		cancel()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if s.set(nil, err) {
				s.log.Warn("database not reachable, trying every second", "error", err)
				s.wake("database not reachable")
			}
			select {
			case <-s.clock.After(redial):
			case <-ctx.Done():
				return nil
			}
			continue
		}
		s.set(client, nil)
		s.log.Info("connected to the database", "endpoint", s.endpoint)
		s.wake("database connected")
		s.follow(ctx, client)
		client.Close()
	}
	return nil
}

// A server that is silent for probe gets an echo request, and answers it within
// probeTimeout or counts as gone.
const (
	probe        = 10 * time.Second
	probeTimeout = 5 * time.Second
)

// follow passes changes on until the connection ends.
func (s *session) follow(ctx context.Context, c *ovsdb.Client) {
	changed, stop := c.Subscribe()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			s.set(nil, ctx.Err())
			return
		case <-c.Done():
			s.lost(ovsdb.ErrClosed)
			return
		case <-changed:
			s.wake("database changed")
		case <-s.clock.After(probe):
			asking, cancel := context.WithTimeout(ctx, probeTimeout)
			err := c.Echo(asking)
			cancel()
			if err != nil && ctx.Err() == nil {
				s.lost(fmt.Errorf("the server does not answer: %w", err))
				return
			}
		}
	}
}

func (s *session) lost(err error) {
	s.set(nil, err)
	s.log.Warn("database connection lost", "endpoint", s.endpoint, "error", err)
	s.wake("database lost")
}
