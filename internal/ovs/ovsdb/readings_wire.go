package ovsdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// maxReadings bounds the reply in bytes: 2,000 ports of 16 queues stay below.
const maxReadings = 64 << 20

// readingsRequest is the transaction that asks for all readings (RFC 7047, 4.1.3 and 5.2.2).
const readingsRequest = `{"id":0,"method":"transact","params":["` + Database + `",{"op":"select","table":"Interface","where":[],` +
	`"columns":["name","statistics","link_resets","lacp_current","bfd_status"]}]}`

// readWire asks over a connection of its own and takes the reply apart without
// libovsdb, which needs ten allocations for a counter: with 512 ports that is a
// fifth of a second of the CPU each minute. False = endpoint is no unix socket.
func readWire(ctx context.Context, endpoint string) (map[string]Reading, bool, error) {
	path, ok := strings.CutPrefix(endpoint, "unix:")
	if !ok {
		return nil, false, nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, true, plain(err)
	}
	defer conn.Close()
	// A deadline in the past wakes whatever read or write is under way.
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	reply, err := roundTrip(conn, readingsRequest)
	if ctx.Err() != nil {
		return nil, true, ctx.Err()
	}
	if err != nil {
		return nil, true, plain(err)
	}
	readings, err := parseReadings(reply)
	return readings, true, err
}

// roundTrip sends a request and returns the first JSON object that comes back.
func roundTrip(conn io.ReadWriter, request string) ([]byte, error) {
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 64<<10)
	var f frame
	for len(b) < maxReadings {
		if len(b) == cap(b) {
			b = append(make([]byte, 0, 4*cap(b)), b...)
		}
		n, err := conn.Read(b[len(b):cap(b)])
		seen := len(b)
		b = b[:len(b)+n]
		if end := f.end(b[seen:]); end >= 0 {
			return b[:seen+end], nil
		}
		if errors.Is(err, io.EOF) {
			return nil, ErrClosed
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the reply is longer than %d bytes", maxReadings)
}

// frame finds where a JSON object ends, piece by piece.
type frame struct {
	depth           int
	inside, escaped bool // of a string
}

// end returns the place behind the object's last brace, or -1 when it comes later.
func (f *frame) end(b []byte) int {
	for i, c := range b {
		switch {
		case f.escaped:
			f.escaped = false
		case f.inside:
			f.escaped = c == '\\'
			f.inside = c != '"'
		case c == '"':
			f.inside = true
		case c == '{' || c == '[':
			f.depth++
		case c == '}' || c == ']':
			if f.depth--; f.depth <= 0 {
				return i + 1
			}
		}
	}
	return -1
}
