package overlay

import (
	"context"
	"errors"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// aside is a daemon whose host has no part in the network, and no switch.
type aside struct{}

var errNoSwitch = errors.New("there is no switch")

func (aside) Overlay() (*logical.Overlay, string) { return nil, "" }
func (aside) Sampling() flows.Sampling            { return flows.Sampling{} }
func (aside) Observe(context.Context) (vswitch.Observed, error) {
	return vswitch.Observed{}, errNoSwitch
}
func (aside) Call(context.Context, string, ...string) (string, error) { return "", errNoSwitch }
func (aside) Uplinks(context.Context) map[string][]Uplink             { return nil }
func (aside) Pass(string)                                             {}
