package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// console speaks to testpmd's command line. testpmd reads and echoes a line only
// when it is done with the one before, so that the echo of a comment with a number
// of ours marks the end of a command's output.
type console struct {
	in    io.WriteCloser
	lines chan string   // closed at the end of the output
	turn  chan struct{} // holds one token: whose turn it is to speak
	n     int           // of the last mark; guarded by turn

	mu   sync.Mutex
	tail []string // the last lines, for errors
	up   bool     // it has a port, so that its command line will answer
	over bool
}

const tailLines = 12

// newConsole starts c with its inputs and outputs tied to a console. The goroutine
// it starts ends with the process, which it waits for.
func newConsole(c *Cmd) (*console, error) {
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	c.Stdout, c.Stderr = w, w
	con := &console{in: in, lines: make(chan string, 1024), turn: make(chan struct{}, 1)}
	con.turn <- struct{}{}
	if err := c.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = c.Wait()
		_ = w.Close()
	}()
	go con.read(r)
	return con, nil
}

func (c *console) read(r io.Reader) {
	s := bufio.NewScanner(r)
	for s.Scan() {
		c.mu.Lock()
		c.tail = append(c.tail, s.Text())
		c.tail = c.tail[max(0, len(c.tail)-tailLines):]
		c.up = c.up || strings.HasPrefix(s.Text(), "Configuring Port")
		c.mu.Unlock()
		select {
		case c.lines <- s.Text():
		default: // nobody asked for so much
		}
	}
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	close(c.lines)
	// A line that is too long must not block the process.
	_, _ = io.Copy(io.Discard, r)
}

// ended returns an error once testpmd is gone, with its last words.
func (c *console) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		return nil
	}
	return fmt.Errorf("dpdk-testpmd has ended; it last said:\n%s", strings.Join(c.tail, "\n"))
}

// command says line and returns what was printed until it was done. An empty line
// waits for testpmd to be ready.
func (c *console) command(ctx context.Context, line string) (string, error) {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { c.turn <- struct{}{} }()
	c.n++
	mark := "#sluice" + strconv.Itoa(c.n) + "."
	begin := "#sluice" + strconv.Itoa(c.n) + "b."
	if _, err := fmt.Fprintf(c.in, "%s\n%s\n%s\n", begin, line, mark); err != nil {
		return "", errors.Join(err, c.ended())
	}
	var out strings.Builder
	begun := false
	for {
		select {
		case text, ok := <-c.lines:
			switch {
			case !ok:
				return "", c.ended()
			case strings.Contains(text, mark):
				return out.String(), nil
			case strings.Contains(text, begin):
				begun = true
			case begun:
				out.WriteString(text + "\n")
			}
		case <-ctx.Done():
			return "", fmt.Errorf("no answer from dpdk-testpmd: %w", ctx.Err())
		}
	}
}

// quit asks testpmd to end and waits for it. While it waits for the switch it
// cannot be asked, and nothing needs taking down: quit does nothing then.
func (c *console) quit(limit time.Duration) error {
	c.mu.Lock()
	up := c.up
	c.mu.Unlock()
	if !up {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	// The answer to quit is the end of the output.
	_, err := c.command(ctx, "quit")
	if c.ended() != nil {
		return nil
	}
	return err
}

// parseStats reads the answer to "show port stats 0" (DPDK, app/test-pmd/config.c,
// nic_stats_display: "  RX-packets: %-10lu RX-missed: %-10lu RX-bytes:  %-lu" and
// so on, the same in 20.11 to 25.11).
func parseStats(text string) (Stats, error) {
	var s Stats
	fields := map[string]*uint64{
		"RX-packets": &s.RxPackets, "RX-bytes": &s.RxBytes, "RX-errors": &s.RxErrors, "RX-missed": &s.RxMissed,
		"RX-nombuf": &s.RxNoMbuf, "TX-packets": &s.TxPackets, "TX-bytes": &s.TxBytes, "TX-errors": &s.TxErrors,
	}
	seen := map[string]bool{}
	for _, m := range statsField.FindAllStringSubmatch(text, -1) {
		to, known := fields[m[1]]
		if !known {
			continue
		}
		n, err := strconv.ParseUint(m[2], 10, 64)
		if err != nil {
			return Stats{}, fmt.Errorf("%s: %w", m[1], err)
		}
		*to, seen[m[1]] = n, true
	}
	for name := range fields {
		if !seen[name] {
			return Stats{}, fmt.Errorf("no %s in %q", name, text)
		}
	}
	return s, nil
}

// statsField compiles the pattern of one counter. It is read only.
var statsField = regexp.MustCompile(`([RT]X-[a-z]+):\s+(\d+)`)
