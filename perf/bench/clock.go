package bench

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"time"
)

// pause returns when d has passed or ctx has ended, with ctx's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// timed returns how long f took, in seconds.
func timed(f func() error) (float64, error) {
	began := time.Now()
	err := f()
	return time.Since(began).Seconds(), err
}

// run runs a program to its end; the error has what it said on standard error.
func run(ctx context.Context, program string, args ...string) error {
	_, err := runCounted(ctx, program, args...)
	return err
}

// runCounted is run that also tells the processor time the program took.
func runCounted(ctx context.Context, program string, args ...string) (time.Duration, error) {
	c := exec.CommandContext(ctx, program, args...)
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Run(); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", c.Args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return c.ProcessState.UserTime() + c.ProcessState.SystemTime(), nil
}
