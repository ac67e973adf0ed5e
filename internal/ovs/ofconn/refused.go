package ofconn

import (
	"fmt"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// Refused is the error of a message that the switch refused among others.
type Refused struct {
	// Index is the message's place among those of the call.
	Index   int
	Message openflow.Message
	Err     *openflow.Error
}

// Error names the message and what OVS says of it.
func (r *Refused) Error() string {
	if text, ok := r.Message.(fmt.Stringer); ok {
		return fmt.Sprintf("message %d, %s: %v", r.Index, text, r.Err)
	}
	return fmt.Sprintf("message %d: %v", r.Index, r.Err)
}

// Unwrap is the switch's error.
func (r *Refused) Unwrap() error { return r.Err }
