package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// console speaks to a program that reads lines and takes the next only when it is
// done with the one before: testpmd's command line, or the shell of a QEMU guest.
// A line before and a line after each command make it print marks that tell where
// the command's output begins and ends.
type console struct {
	// what speaks, for errors.
	what string
	// mark is the line that makes the program print a given text in a line.
	mark func(text string) string
	// greeting is what it prints once it reads lines, where it does not keep those
	// that come earlier; empty once it was seen. Guarded by turn.
	greeting string
	in       io.Writer
	// lines are what it prints; closed at the end of the output.
	lines chan string
	turn  chan struct{} // holds one token: whose turn it is to speak
	n     int           // of the last command; guarded by turn

	mu   sync.Mutex
	tail []string // the last lines, for errors
	over bool
}

const tailLines = 12

// open starts to read out. The goroutine it starts ends with out.
func (c *console) open(in io.Writer, out io.Reader) *console {
	c.in, c.lines, c.turn = in, make(chan string, 1024), make(chan struct{}, 1)
	c.turn <- struct{}{}
	go c.read(out)
	return c
}

func (c *console) read(r io.Reader) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		line := strings.TrimRight(s.Text(), "\r")
		c.mu.Lock()
		c.tail = append(c.tail, line)
		c.tail = c.tail[max(0, len(c.tail)-tailLines):]
		c.mu.Unlock()
		c.deliver(line)
	}
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	close(c.lines)
	// A line that is too long must not block the program.
	_, _ = io.Copy(io.Discard, r)
}

// deliver passes line on. When nobody reads, the oldest line goes: what a program
// prints unasked must not stop it.
func (c *console) deliver(line string) {
	for {
		select {
		case c.lines <- line:
			return
		default:
		}
		select {
		case <-c.lines:
		default:
		}
	}
}

// ended returns an error once the program is gone, with its last words.
func (c *console) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		return nil
	}
	return fmt.Errorf("%s has ended; it last said:\n%s", c.what, strings.Join(c.tail, "\n"))
}

// command says line and returns what was printed until it was done, and the line
// with the mark of its end. An empty line waits for the program to be ready.
func (c *console) command(ctx context.Context, line string) (out, end string, err error) {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
	defer func() { c.turn <- struct{}{} }()
	if c.greeting != "" {
		if _, _, err := c.until(ctx, "", c.greeting); err != nil {
			return "", "", err
		}
		c.greeting = ""
	}
	c.n++
	first, last := "#sluice-begin-"+strconv.Itoa(c.n)+".", "#sluice-end-"+strconv.Itoa(c.n)+"."
	if _, err := fmt.Fprintf(c.in, "%s\n%s\n%s\n", c.mark(first), line, c.mark(last)); err != nil {
		return "", "", errors.Join(err, c.ended())
	}
	return c.until(ctx, first, last)
}

// until reads up to a line with last in it, and returns that line and what came
// after a line with first; an empty first is the beginning.
func (c *console) until(ctx context.Context, first, last string) (out, end string, err error) {
	var text strings.Builder
	begun := first == ""
	for {
		select {
		case line, ok := <-c.lines:
			switch {
			case !ok:
				return "", "", c.ended()
			case strings.Contains(line, last):
				return text.String(), line, nil
			case begun:
				text.WriteString(line + "\n")
			case strings.Contains(line, first):
				begun = true
			}
		case <-ctx.Done():
			return "", "", fmt.Errorf("no answer from %s: %w", c.what, ctx.Err())
		}
	}
}
