package host

import (
	"context"
	"fmt"
)

// Do carries out one action. It is idempotent: what is so already is not
// written again. A *RefusalError means that nothing was changed and that the
// host, not the attempt, must change first; other errors say what was reached.
// The context is looked at before the first change and between changes that
// stand alone, never between those that would leave a device without a driver.
func (f FS) Do(ctx context.Context, a Action) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", a, err)
	}
	var err error
	switch a := a.(type) {
	case BindDriver:
		err = f.bindDriver(ctx, a)
	case SetHugepages:
		err = f.setHugepages(a)
	case MakeDirectory:
		err = f.makeDirectory(a)
	case RemoveDirectory:
		err = f.removeDirectory(a)
	case SetAddresses:
		err = f.setAddresses(ctx, a)
	default:
		err = fmt.Errorf("no way to do a %T", a)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a, err)
	}
	return nil
}

// RefusalError is the reason why an action was not begun: what is in the way
// and what to do about it.
type RefusalError struct {
	Why string
}

func (e *RefusalError) Error() string { return "refused: " + e.Why }

func refuse(format string, args ...any) error {
	return &RefusalError{Why: fmt.Sprintf(format, args...)}
}
