// Package ovsdb is the connection to an Open vSwitch database: it mirrors what
// Sluice reads, wakes its reader on every change, and writes changes as one
// guarded transaction. It is the only importer of libovsdb.
package ovsdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/ovn-kubernetes/libovsdb/cache"
	"github.com/ovn-kubernetes/libovsdb/client"
	"github.com/ovn-kubernetes/libovsdb/model"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Database is the name of the database in the server.
const Database = "Open_vSwitch"

// ErrClosed is returned by calls on a connection that has ended.
var ErrClosed = errors.New("connection to the database is closed")

// Client is one connection. It never reconnects by itself: when Done is closed,
// dial anew and look at the whole database again. A library reconnect would
// keep rows that were deleted meanwhile. Safe for concurrent use.
type Client struct {
	db     client.Client
	schema vswitch.Schema
	alive  context.Context // ends with the connection
	end    context.CancelFunc

	endpoint string
	follows  following
	latest   latest

	mu      sync.Mutex
	waiters map[chan struct{}]bool
}

// Dial connects to endpoint ("unix:/run/openvswitch/db.sock"), checks the
// schema and fills the mirror. A database without its Open_vSwitch row gets it,
// as from `ovs-vsctl init`. It returns when the mirror is complete or ctx ends.
func Dial(ctx context.Context, endpoint string, log *slog.Logger) (*Client, error) {
	dbModel, err := model.NewClientDBModel(Database, models())
	if err != nil {
		return nil, fmt.Errorf("database model: %w", err)
	}
	logger := logr.Discard()
	if log != nil {
		logger = logr.FromSlogHandler(log.Handler()).V(1)
	}
	db, err := client.NewOVSDBClient(dbModel, client.WithEndpoint(endpoint), client.WithLogger(&logger))
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", endpoint, err)
	}
	c := &Client{db: db, endpoint: endpoint, waiters: map[chan struct{}]bool{}}
	c.alive, c.end = context.WithCancel(context.WithoutCancel(ctx))
	if err := c.start(ctx, endpoint); err != nil {
		c.Close()
		return nil, fmt.Errorf("database %s: %w", endpoint, plain(err))
	}
	return c, nil
}

// plain leaves of an error of libovsdb's what the kernel said.
func plain(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

func (c *Client) start(ctx context.Context, endpoint string) error {
	// Before it connects: libovsdb tells an end only to whoever waits for it.
	gone := c.db.DisconnectNotify()
	go func() {
		select {
		case <-gone:
		case <-c.alive.Done():
		}
		c.end()
	}()
	if err := c.connect(ctx, endpoint); err != nil {
		return err
	}
	mirror := c.db.Cache()
	if mirror == nil { // the server has closed the connection meanwhile
		return ErrClosed
	}
	go c.look()
	mirror.AddEventHandler(&cache.EventHandlerFuncs{
		AddFunc:    func(string, model.Model) { c.wake() },
		UpdateFunc: func(string, model.Model, model.Model) { c.wake() },
		DeleteFunc: func(string, model.Model) { c.wake() },
	})
	var tables []client.MonitorOption
	for _, m := range models() {
		tables = append(tables, client.WithTable(m, columns(m)...))
	}
	if _, err := c.db.Monitor(ctx, c.db.NewMonitor(tables...)); err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	return c.ensureRoot(ctx)
}

// lookAgain is how often a connection is looked at whose end nobody told.
const lookAgain = time.Second

// look ends a connection that libovsdb has ended without a word: it tells only
// whoever already waits, and on a busy host the goroutine that shall wait may not
// have come to it. It drops its cache before it tells.
func (c *Client) look() {
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			if c.db.Cache() == nil {
				c.end()
			}
		case <-c.alive.Done():
			return
		}
	}
}

func (c *Client) connect(ctx context.Context, endpoint string) error {
	err := c.db.Connect(ctx)
	if err == nil {
		schema := c.db.Schema()
		if len(schema.Tables) == 0 { // dropped: the server has closed the connection meanwhile
			return ErrClosed
		}
		c.schema = schemaOf(schema)
		return checkSchema(c.schema)
	}
	if _, unreachable := errors.AsType[*net.OpError](err); unreachable || ctx.Err() != nil {
		return err
	}
	// It may be the schema: ask for it without a model of ours to compare it with.
	schema, asking := askSchema(ctx, endpoint)
	if asking != nil {
		return err
	}
	return cmp.Or(checkSchema(schema), err)
}

// columns returns pointers to the fields of a model, which is how libovsdb
// wants to be told which columns to monitor.
func columns(m model.Model) []any {
	v := reflect.ValueOf(m).Elem()
	var fields []any
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("ovsdb") != "_uuid" {
			fields = append(fields, v.Field(i).Addr().Interface())
		}
	}
	return fields
}

// Echo asks the server for a sign of life (RFC 7047, section 4.1.11). A stalled
// server on a unix socket is noticed in no other way.
func (c *Client) Echo(ctx context.Context) error {
	if err := c.db.Echo(ctx); err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	return nil
}

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.alive.Done() }

// ended returns ErrClosed once the connection has ended.
func (c *Client) ended() error {
	if c.alive.Err() != nil {
		return ErrClosed
	}
	return nil
}

// Close ends the connection. It may be called more than once.
func (c *Client) Close() {
	c.end()
	c.db.Close()
}

// Subscribe returns a channel that holds one token after any change of the
// mirror since the last token was taken. Stop ends the subscription.
func (c *Client) Subscribe() (changed <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	c.mu.Lock()
	c.waiters[ch] = true
	c.mu.Unlock()
	return ch, func() {
		c.mu.Lock()
		delete(c.waiters, ch)
		c.mu.Unlock()
	}
}

func (c *Client) wake() {
	c.latest.changes.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	for ch := range c.waiters {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// WaitFor returns when ok holds for the mirror, ctx ends or the connection does.
func (c *Client) WaitFor(ctx context.Context, ok func(vswitch.Observed) bool) (vswitch.Observed, error) {
	changed, stop := c.Subscribe()
	defer stop()
	for {
		o, err := c.Observe(ctx)
		if err == nil && ok(o) {
			return o, nil
		}
		if err != nil && !errors.Is(err, errInFlux) {
			return o, err
		}
		select {
		case <-changed:
		case <-c.Done():
			return o, ErrClosed
		case <-ctx.Done():
			return o, ctx.Err()
		}
	}
}
