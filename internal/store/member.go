package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/internal/ovs/unixctl"
)

// Model is how a server keeps the database.
type Model string

// The models of ovsdb/_server.ovsschema.
const (
	ModelStandalone Model = "standalone"
	ModelClustered  Model = "clustered"
	ModelRelay      Model = "relay"
)

// Member is what one server of the store says of itself.
type Member struct {
	Endpoint string
	// Err is why it could not be asked, or matches ErrNoDatabase; nothing else is
	// known then.
	Err error
	Model
	// Cluster and Server are ids of a clustered one, "" while they are not known.
	Cluster, Server string
	Connected       bool   // it has a majority of its cluster, or its source
	Leader          bool   // of a cluster; a standalone server leads itself
	Index           uint64 // of the last log entry that it has
}

// Members asks every endpoint what it is, all at once, and returns their answers
// in the order of Options.Endpoints.
func (c *Client) Members(ctx context.Context) []Member {
	all := make([]Member, len(c.o.Endpoints))
	var asked sync.WaitGroup
	for i, e := range c.o.Endpoints {
		asked.Go(func() { all[i] = c.member(ctx, e) })
	}
	asked.Wait()
	return all
}

func (c *Client) member(ctx context.Context, endpoint string) Member {
	m := Member{Endpoint: endpoint}
	s, err := dial(ctx, endpoint, c.o.TLS)
	if err != nil {
		m.Err = err
		return m
	}
	defer s.close()
	results, err := s.transact(ctx, "_Server", selectOp("Database", is("name", Database)))
	if err != nil {
		m.Err = fmt.Errorf("store %s: %w", endpoint, err)
		return m
	}
	rows, err := rowsOf(results[0])
	if err == nil && len(rows) == 0 {
		err = ErrNoDatabase
	}
	if err != nil {
		m.Err = fmt.Errorf("store %s: %w", endpoint, err)
		return m
	}
	var r reader
	r.open(rows[0])
	m.Model, m.Connected, m.Leader = Model(r.text("model")), r.flag("connected"), r.flag("leader")
	for _, id := range read(&r, "cid", value.atoms) {
		m.Cluster = idText(&r, id)
	}
	for _, id := range read(&r, "sid", value.atoms) {
		m.Server = idText(&r, id)
	}
	for _, index := range read(&r, "index", value.atoms) {
		n, err := index.integer(1 << 62)
		m.Index = n
		r.fail("index", err)
	}
	if r.fault != nil {
		m.Err = fmt.Errorf("store %s: %w", endpoint, r.fault)
	}
	return m
}

func idText(r *reader, v value) string {
	id, err := v.uuid()
	r.fail("sid", err)
	return id.String()
}

// Raft asks a member for its view of the cluster, over its control socket.
func Raft(ctx context.Context, server *unixctl.Client) (*RaftStatus, error) {
	text, err := server.Call(ctx, "cluster/status", Database)
	if err != nil {
		return nil, err
	}
	return ParseRaftStatus(strings.NewReader(text))
}

// LeaveCluster takes the member behind server out of its cluster, and returns when
// the others agreed. Its database cannot be used any more afterwards.
func LeaveCluster(ctx context.Context, server *unixctl.Client) error {
	if _, err := server.Call(ctx, "cluster/leave", Database); err != nil {
		return fmt.Errorf("leave the cluster: %w", err)
	}
	return poll(ctx, "the other members did not let this one go", func() (bool, error) {
		s, err := Raft(ctx, server)
		var refused *unixctl.CommandError
		if errors.As(err, &refused) { // a server closes a database that has left
			return true, nil
		}
		return err == nil && s.Status == "left cluster", err
	})
}

// ExpelMember takes a member that is gone for good out of the cluster that server
// is a member of, and returns when it is no longer counted. id is RaftServer.ID.
func ExpelMember(ctx context.Context, server *unixctl.Client, id string) error {
	if _, err := server.Call(ctx, "cluster/kick", Database, id); err != nil {
		return fmt.Errorf("expel member %s: %w", id, err)
	}
	return poll(ctx, "the other members did not agree to it", func() (bool, error) {
		s, err := Raft(ctx, server)
		if err != nil {
			return false, err
		}
		return !slices.ContainsFunc(s.Servers, func(m RaftServer) bool { return m.ID == id }), nil
	})
}

// WaitMember waits until the server behind the client's first endpoint serves the
// database, and with lead until it leads its cluster.
func (c *Client) WaitMember(ctx context.Context, lead bool) error {
	var last Member
	return poll(ctx, "the server does not serve the store", func() (bool, error) {
		last = c.member(ctx, c.o.Endpoints[0])
		return last.Err == nil && last.Connected && (last.Leader || !lead), last.Err
	})
}

const pollPause = 50 * time.Millisecond

// poll asks until done says so, or ctx ends: what went wrong last is in the error.
func poll(ctx context.Context, otherwise string, done func() (bool, error)) error {
	for {
		is, err := done()
		if is {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", otherwise, errors.Join(err, ctx.Err()))
		case <-time.After(pollPause):
		}
	}
}
