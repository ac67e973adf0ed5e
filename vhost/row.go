package vhost

import (
	"strings"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Is tells whether an interface is a vhost-user port of either kind, whoever made it.
func Is(r vswitch.ObservedRow) bool {
	return strings.HasPrefix(r.Settings["type"], "dpdkvhostuser")
}

// Connected tells whether a guest is connected to a vhost port, as OVS says; false where
// OVS has not said anything of it yet.
func Connected(r vswitch.ObservedRow) bool {
	return r.Status != nil && r.Status.Status["status"] == "connected"
}
