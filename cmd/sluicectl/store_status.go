package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

func (a *app) storeStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show the store: its servers, how large it is, who follows it", Args: cobra.NoArgs,
		Long: `Shows which servers keep the store, what is wrong with them, its generation (one
more with each change), what is in it, rows that nobody can use, and how far each
host has come: GENERATION is the one whose flows the host has in its switch.

Of a cluster it asks every endpoint; on a member, as root, it also knows the members
that no endpoint names, the term and the election timer. BEHIND is how many entries of
the cluster's log a member has not got yet.`,
		Example: "  sluicectl store status\n  sluicectl store status --store ssl:10.0.0.1:6642 --ca ca.pem --cert me.pem --key me.key",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
			v := a.servers(ctx, st)
			n, faults, err := st.Load(ctx)
			var said []logical.HostStatus
			if err == nil {
				said, err = st.Statuses(ctx)
			}
			if err != nil && v.Model != store.ModelClustered {
				return err
			}
			v.fill(n, faults, said)
			return errors.Join(a.showStatus(v), err)
		}),
	}
}

// statusView is what store status prints.
type statusView struct {
	Model      store.Model    `json:"model,omitempty"`
	Cluster    string         `json:"cluster,omitempty"`
	Term       uint64         `json:"term,omitempty"`
	Election   int64          `json:"electionTimerMs,omitempty"` // where a member tells it
	Servers    []serverState  `json:"servers"`
	Warnings   []string       `json:"warnings"`
	Generation uint64         `json:"generation"`
	Objects    map[string]int `json:"objects"`
	Unusable   []string       `json:"unusable"`
	Hosts      []hostState    `json:"hosts"`
}

// hostState is how far a host has come.
type hostState struct {
	Host       string    `json:"host"`
	Generation uint64    `json:"generation"`
	LastSeen   time.Time `json:"lastSeen"`
}

// fill adds what is in the store; n is nil where nobody serves it.
func (v *statusView) fill(n *logical.Snapshot, faults []store.Fault, said []logical.HostStatus) {
	if n == nil {
		return
	}
	v.Generation = n.Generation()
	for k := logical.KindHost; k <= logical.KindTrace; k++ {
		if c := n.Len(k); c > 0 && k != logical.KindDatapath {
			v.Objects[k.String()] = c
		}
	}
	for _, f := range faults {
		v.Unusable = append(v.Unusable, f.Error())
	}
	for _, s := range said {
		v.Hosts = append(v.Hosts, hostState{Host: s.Host, Generation: s.Generation, LastSeen: s.LastSeen})
	}
}

func (a *app) showStatus(v *statusView) error {
	return a.print(v, func() error {
		if err := a.showServers(v); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "generation %d\n", v.Generation)
		for _, k := range sortedKeys(v.Objects) {
			fmt.Fprintf(a.stdout, "  %-16s %d\n", k, v.Objects[k])
		}
		for _, f := range v.Unusable {
			fmt.Fprintf(a.stdout, "unusable: %s\n", api.Printable(f))
		}
		if len(v.Hosts) == 0 {
			return nil
		}
		slices.SortFunc(v.Hosts, func(x, y hostState) int { return cmp.Compare(x.Host, y.Host) })
		return a.table(v, "HOST\tGENERATION\tLAST SEEN", func(row func(...any)) {
			for _, h := range v.Hosts {
				row(h.Host, h.Generation, a.ago(h.LastSeen))
			}
		})
	})
}

// ago is a time as people tell it.
func (a *app) ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return a.now().Sub(t).Round(time.Second).String() + " ago"
}
