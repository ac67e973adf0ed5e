package store

import (
	"encoding/json"
	"fmt"
	"io"
)

// maxMessage bounds one message. A store of 50,000 ports is loaded in one of 30 MB.
const maxMessage = 1 << 30

// frames cuts a stream into JSON-RPC messages. Nothing stands between them, so
// that only the brackets tell where one ends.
type frames struct {
	r    io.Reader
	buf  []byte // what was read and not given out
	last int    // the length of the message before
}

// next returns a message that is valid JSON. It is the caller's.
func (f *frames) next() ([]byte, error) {
	depth, quoted, escaped, start := 0, false, false, -1
	for i := 0; ; i++ {
		if i == len(f.buf) {
			if i > maxMessage {
				return nil, fmt.Errorf("a message of more than %d bytes", maxMessage)
			}
			if err := f.fill(); err != nil {
				return nil, err
			}
		}
		c := f.buf[i]
		switch {
		case start < 0 && c != '{' && c != '[':
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return nil, fmt.Errorf("%.20q is no message", f.buf[i:])
			}
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth++; start < 0 {
				start = i
			}
		case c == '}' || c == ']':
			depth--
		}
		if start >= 0 && depth == 0 {
			return f.take(start, i+1)
		}
	}
}

func (f *frames) take(start, end int) ([]byte, error) {
	message := f.buf[start:end:end]
	f.last = len(message)
	// What came behind starts a buffer of its own: a large message is not kept
	// for the sake of a few bytes.
	f.buf = append([]byte(nil), f.buf[end:]...)
	if !json.Valid(message) {
		return nil, fmt.Errorf("%.40q is not JSON", message)
	}
	return message, nil
}

func (f *frames) fill() error {
	// A message of a load is about as long as the one before; not all are of a load.
	const chunk, most = 64 << 10, 512 << 10
	if cap(f.buf)-len(f.buf) < chunk/2 {
		grown := make([]byte, len(f.buf), max(2*cap(f.buf)+chunk, min(f.last, most)+chunk))
		copy(grown, f.buf)
		f.buf = grown
	}
	n, err := f.r.Read(f.buf[len(f.buf):cap(f.buf)])
	f.buf = f.buf[:len(f.buf)+n]
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}
