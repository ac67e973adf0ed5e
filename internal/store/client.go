package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// Options say which store a Client talks to.
type Options struct {
	// Endpoints are those of ParseEndpoints. Reading tries them in a new random
	// order each time, so that the hosts of a fleet spread over them, unless Ordered.
	Endpoints []string
	// Ordered tries Endpoints as they stand: the nearest first.
	Ordered bool
	// TLS names the files for ssl: endpoints.
	TLS TLS
	// Logger is told of lost and regained connections; nil = nobody.
	Logger *slog.Logger
}

// Client reads and writes a store. It reads wherever a server of the database
// lives, and writes to the leader, or through a relay where no member of a cluster
// answers. Its methods may be called by several goroutines.
type Client struct {
	o   Options
	log *slog.Logger

	mu     sync.Mutex
	writer *conn     // to the leader or a relay, or nil
	again  time.Time // when to look for the leader anew; zero = not while writer lasts
	runs   bool
	// watching is Run's session once the server watches for it, or nil; only is what it
	// is to be narrowed to.
	watching *conn
	only     *Reach

	busyAfter func(size int) time.Duration // of a load; another in tests

	past  past
	words map[string]lastWord // of rivals of the host that registers
}

// New returns a client. It connects when it is first used.
func New(o Options) (*Client, error) {
	if len(o.Endpoints) == 0 {
		return nil, errors.New("the store has no endpoint")
	}
	for _, e := range o.Endpoints {
		if _, _, err := splitEndpoint(e); err != nil {
			return nil, err
		}
	}
	c := &Client{o: o, log: o.Logger, busyAfter: busyAfter}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Close ends the session that writes. Run ends with its context.
func (c *Client) Close() {
	c.mu.Lock()
	w := c.writer
	c.writer = nil
	c.mu.Unlock()
	if w != nil {
		w.close()
	}
}

// server is what a server says of itself in its _Server database, there since
// OVS 2.9 (ovsdb/_server.ovsschema).
type server struct {
	clustered, connected, leader bool
	relay                        bool   // it forwards what is written
	present                      bool   // it has our database
	cluster                      string // id, "" where there is none
	index                        uint64 // of a cluster's log, how far it was applied
}

func serverState(ctx context.Context, s *conn) (server, error) {
	asked := selectOp("Database", is("name", Database))
	asked["columns"] = []string{"model", "connected", "leader", "cid", "index"} // not the schema, which is long
	results, err := s.transact(ctx, "_Server", asked)
	if err != nil {
		return server{}, err
	}
	rows, err := rowsOf(results[0])
	if err != nil {
		return server{}, err
	}
	if len(rows) == 0 {
		return added(ctx, s)
	}
	var r reader
	r.open(rows[0])
	model := Model(r.text("model"))
	state := server{clustered: model == ModelClustered, relay: model == ModelRelay, connected: r.flag("connected"), leader: r.flag("leader"), present: true}
	for _, id := range read(&r, "cid", value.atoms) {
		state.cluster = idText(&r, id)
	}
	state.index = indexOf(&r)
	return state, r.fault
}

// added is the state of a database that _Server does not name: one that was just
// added stands there a moment later. What is added so is no cluster's.
func added(ctx context.Context, s *conn) (server, error) {
	answer, err := s.call(ctx, "list_dbs")
	if err != nil {
		return server{}, err
	}
	names, err := answer.array()
	is := slices.ContainsFunc(names, func(v value) bool { return string(v) == `"`+Database+`"` })
	return server{connected: is, leader: is, present: is}, err
}

// open connects to an endpoint that serves. A follower that lost its
// cluster serves nothing. Writing asks for the leader, or else, where no member of a
// cluster answers, for a relay, which asks it for us.
func (c *Client) open(ctx context.Context, write bool) (*conn, error) {
	// Each fault stands at its endpoint's place: the same faults are the same text, in
	// whichever order they were met.
	faults := make([]error, len(c.o.Endpoints))
	var relay *conn
	var member, silent bool
	for _, i := range c.order() {
		e := c.o.Endpoints[i]
		s, err := dial(ctx, e, c.o.TLS)
		if err != nil {
			faults[i], silent = err, true
			continue
		}
		s.state, err = serverState(ctx, s)
		silent, member = silent || err != nil, member || s.state.clustered
		if err == nil && s.state.present {
			err = c.past.holds(ctx, s, s.state)
		}
		if err == nil {
			err = s.state.fit(write)
		}
		if err == nil {
			relay.retire()
			return s, nil
		}
		faults[i] = fmt.Errorf("store %s: %w", e, ending(err))
		if errors.Is(err, errRelay) && relay == nil {
			relay = s
			continue
		}
		s.close()
	}
	if relay != nil && !member {
		relay.alone = !silent
		return relay, nil
	}
	relay.retire()
	if write && member {
		faults = append(faults, errNoLeader)
	}
	return nil, errors.Join(append([]error{ErrDisconnected}, faults...)...)
}

// errRelay is why a relay is not written through.
var errRelay = errors.New("the server is a relay, which writes under its own name")

// fit is why a server is not read from, or not written to.
func (s server) fit(write bool) error {
	switch {
	case !s.present:
		return ErrNoDatabase
	case !s.connected:
		return errors.New("the server is cut off from its cluster")
	case write && s.relay:
		return errRelay
	case write && !s.leader:
		return errors.New("the server is not the leader")
	}
	return nil
}

// order is that in which the endpoints are tried, by their places.
func (c *Client) order() []int {
	if !c.o.Ordered {
		return rand.Perm(len(c.o.Endpoints))
	}
	places := make([]int, len(c.o.Endpoints))
	for i := range places {
		places[i] = i
	}
	return places
}

// Load reads the whole logical network at one moment, with its unusable rows.
// Commands read so; it is as large as the network.
func (c *Client) Load(ctx context.Context) (*logical.Snapshot, []Fault, error) {
	s, err := c.open(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	defer s.close()
	served, err := schemaOf(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	var ops []op
	var asked []*table
	for i, t := range tables {
		if columns := served.columns(t.name); len(columns) > 0 {
			o := selectOp(t.name)
			o["columns"] = append(columns, "_uuid")
			ops, asked = append(ops, o), append(asked, &tables[i])
		}
	}
	results, err := s.transact(ctx, Database, ops...)
	if err != nil {
		return nil, nil, err
	}
	var entities []logical.Entity
	var faults []Fault
	for i, t := range asked {
		e, f, err := t.entities(results[i])
		if err != nil {
			return nil, nil, fmt.Errorf("table %s: %w", t.name, err)
		}
		entities, faults = append(entities, e...), append(faults, f...)
	}
	snapshot, _ := new(logical.Snapshot).With(logical.Changes{Put: entities})
	return snapshot, faults, nil
}

// entities are those of a select's result.
func (t *table) entities(result value) ([]logical.Entity, []Fault, error) {
	rows, err := rowsOf(result)
	if err != nil {
		return nil, nil, err
	}
	var r reader
	var entities []logical.Entity
	var faults []Fault
	for _, row := range rows {
		r.open(row)
		id := read(&r, "_uuid", value.uuid)
		e, err := t.entity(id, row, &r)
		if err != nil {
			faults = append(faults, Fault{Table: t.name, UUID: id, Err: err})
			continue
		}
		entities = append(entities, e)
	}
	return entities, faults, nil
}

func schemaOf(ctx context.Context, s *conn) (*schema, error) {
	text, err := s.call(ctx, "get_schema", Database)
	if err != nil {
		return nil, err
	}
	return parseSchema(text)
}
