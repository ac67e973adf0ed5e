package plan

import (
	"github.com/sluice-nfv/sluice/configs"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// Description is a running host put into a profile's words.
type Description struct {
	Profile *configs.Profile
	Left    []string
}

func Describe(o vswitch.Observed, t host.Topology) Description {
	return Description{Profile: &configs.Profile{}}
}
