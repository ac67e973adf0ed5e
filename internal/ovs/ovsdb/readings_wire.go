package ovsdb

import (
	"errors"
	"fmt"
	"io"
)

// maxMessage bounds a message in bytes: readings of 2,000 ports with 16 queues stay
// below.
const maxMessage = 64 << 20

// wire cuts what comes over a connection into JSON objects.
type wire struct {
	r    io.Reader
	b    []byte // what was read and not yet taken
	seen int    // how much of it the frame has seen
	f    frame
}

// next returns the next object. It is valid until the next call.
func (w *wire) next() ([]byte, error) {
	w.b, w.seen, w.f = append(w.b[:0], w.b[w.seen:]...), 0, frame{}
	for {
		if end := w.f.end(w.b[w.seen:]); end >= 0 {
			w.seen += end
			return w.b[:w.seen], nil
		}
		w.seen = len(w.b)
		if w.seen >= maxMessage {
			return nil, fmt.Errorf("a message is longer than %d bytes", maxMessage)
		}
		if len(w.b) == cap(w.b) {
			w.b = append(make([]byte, 0, max(4*cap(w.b), 64<<10)), w.b...)
		}
		n, err := w.r.Read(w.b[len(w.b):cap(w.b)])
		w.b = w.b[:len(w.b)+n]
		if n == 0 && errors.Is(err, io.EOF) {
			return nil, ErrClosed
		}
		if n == 0 && err != nil {
			return nil, err
		}
	}
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
