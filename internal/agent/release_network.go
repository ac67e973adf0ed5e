package agent

import (
	"context"
	"fmt"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
)

// leave takes this host out of the store when it is released, for no other can be sure
// of it, and says what stays. With dry it only says. The profile is not in force any
// more, so that the daemon does not register anew.
func (a *Agent) leave(ctx context.Context, overlay *logical.Overlay, host string, dry bool, result *api.ReleaseResult) {
	if overlay == nil {
		return
	}
	result.Stays = append(result.Stays, fmt.Sprintf("bridge %s with its flows and ports: guests keep the network of this moment, and nobody keeps it up to date (ovs-vsctl del-br %s takes it away)", overlay.Integration, overlay.Integration))
	if dry {
		result.Host = host
		return
	}
	if err := a.network.Unregister(ctx, host); err != nil {
		result.Stays = append(result.Stays, fmt.Sprintf("host %s in the store: %v; then: sluicectl ch del %s", host, err, host))
		return
	}
	result.Host = host
}
