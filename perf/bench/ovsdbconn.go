package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// dbConn is a connection to an ovsdb-server for plain transactions: all sides'
// databases are written by the same few lines, so that a clock that starts before
// the write starts alike for all.
type dbConn struct {
	conn net.Conn
	in   *json.Decoder
	id   int
}

func dialDB(ctx context.Context, socket string) (*dbConn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	return &dbConn{conn: conn, in: json.NewDecoder(conn)}, nil
}

func (c *dbConn) close() error { return c.conn.Close() }

// dbOp is one operation of a transaction, RFC 7047 section 5.2.
type dbOp map[string]any

func where(column string, v any) any { return []any{[]any{column, "==", v}} }

// transact does one transaction and returns the results of its operations.
func (c *dbConn) transact(ctx context.Context, database string, ops ...dbOp) ([]map[string]json.RawMessage, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(patience)
	}
	if err := c.conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	c.id++
	params := []any{database}
	for _, o := range ops {
		params = append(params, o)
	}
	if err := json.NewEncoder(c.conn).Encode(map[string]any{"method": "transact", "params": params, "id": c.id}); err != nil {
		return nil, err
	}
	for {
		var m struct {
			ID     any
			Method string
			Params json.RawMessage
			Result []map[string]json.RawMessage
			Error  json.RawMessage
		}
		if err := c.in.Decode(&m); err != nil {
			return nil, fmt.Errorf("transaction on %s: %w", database, err)
		}
		if m.Method == "echo" { // of a server that has heard nothing for a while
			if err := json.NewEncoder(c.conn).Encode(map[string]any{"id": m.ID, "result": m.Params, "error": nil}); err != nil {
				return nil, err
			}
			continue
		}
		if m.Error != nil && string(m.Error) != "null" {
			return nil, fmt.Errorf("transaction on %s: %s", database, m.Error)
		}
		for _, r := range m.Result {
			if r["error"] != nil {
				return nil, fmt.Errorf("transaction on %s: %s: %s", database, r["error"], r["details"])
			}
		}
		return m.Result, nil
	}
}

// serveDB starts an ovsdb-server of its own for a database file, at NAME.sock in
// the host's directory, and returns the socket when it serves.
func serveDB(ctx context.Context, h *lab.Host, name, file string) (socket string, err error) {
	socket = h.Path(name + ".sock")
	c := h.Command(context.WithoutCancel(ctx), "ovsdb-server", file, "--remote=punix:"+socket, "--unixctl="+h.Path(name+".ctl"),
		"--log-file="+h.Path(name+".log"), "-vconsole:off", "-vsyslog:off")
	if err := c.Start(); err != nil {
		return "", err
	}
	return socket, lab.Until(ctx, name+" is served", func(ctx context.Context) error {
		conn, err := dialDB(ctx, socket)
		if err != nil {
			return err
		}
		return errors.Join(conn.close())
	})
}
