package lab

import (
	"context"
	"fmt"
	"time"
)

// Until asks holds again and again, starting at once, until it returns nil. When
// ctx ends first, the error names what was waited for and why it did not hold the
// last time.
func Until(ctx context.Context, what string, holds func(context.Context) error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := holds(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w: %w", what, ctx.Err(), err)
		case <-tick.C:
		}
	}
}
