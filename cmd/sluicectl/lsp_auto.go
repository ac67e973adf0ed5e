package main

import (
	"context"
	"errors"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// auto stands for an address of a pool.
const auto = "auto"

// givenView is what a port was given, for programs.
type givenView struct {
	Name      string       `json:"name"`
	Switch    string       `json:"switch"`
	Addresses []netip.Addr `json:"addresses"`
}

// addFromPools makes a port with addresses of the switch's pools, and says which.
func (a *app) addFromPools(ctx context.Context, st *store.Client, sw string, p logical.SwitchPort, pools []string) error {
	got, err := st.AddPortFromPools(ctx, sw, p, pools...)
	var full *store.PoolFullError
	switch {
	case errors.As(err, &full):
		return api.Conflict("%w", err).WithFix("sluicectl pool show %s", sw)
	case err != nil:
		return err
	case a.output == outputTable:
		return a.done("port %s added to switch %s with %s", p.Name, sw, joined(got))
	}
	return a.print(givenView{p.Name, sw, got}, nil)
}
