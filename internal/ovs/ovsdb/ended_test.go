package ovsdb

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ovn-kubernetes/libovsdb/cache"
	"github.com/ovn-kubernetes/libovsdb/client"
	"github.com/ovn-kubernetes/libovsdb/ovsdb"
)

// endedUnseen is a client of libovsdb's whose connection has ended since Connect
// returned, and who has dropped what belonged to it: the mirror first, then the
// schema (client.go, handleDisconnectNotification).
type endedUnseen struct {
	client.Client // the rest is nobody's to call
	tables        map[string]ovsdb.TableSchema
}

func (endedUnseen) Connect(context.Context) error   { return nil }
func (endedUnseen) DisconnectNotify() chan struct{} { return make(chan struct{}) }
func (endedUnseen) Cache() *cache.TableCache        { return nil }
func (e endedUnseen) Schema() ovsdb.DatabaseSchema {
	return ovsdb.DatabaseSchema{Version: "8.3.0", Tables: e.tables}
}

// A connection that ended before anybody looks is ErrClosed, not a panic and not
// a schema that is too old.
func TestConnectionEndsUnseen(t *testing.T) {
	text, err := os.ReadFile("testdata/3.1.0/Open_vSwitch.ovsschema")
	if err != nil {
		t.Fatal(err)
	}
	var schema ovsdb.DatabaseSchema
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for name, tables := range map[string]map[string]ovsdb.TableSchema{"without mirror": schema.Tables, "without schema": nil} {
		t.Run(name, func(t *testing.T) {
			c := &Client{db: endedUnseen{tables: tables}}
			c.alive, c.end = context.WithCancel(t.Context())
			defer c.end()
			if err := c.start(t.Context(), "unix:/nonexistent/db.sock"); !errors.Is(err, ErrClosed) {
				t.Errorf("start: %v; want ErrClosed", err)
			}
		})
	}
}

// An end that libovsdb told nobody is found all the same.
func TestEndIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{db: endedUnseen{}}
		c.alive, c.end = context.WithCancel(t.Context())
		defer c.end()
		go c.look()
		select {
		case <-c.Done():
		case <-time.After(2 * lookAgain):
			t.Error("the connection is held for alive")
		}
	})
}
