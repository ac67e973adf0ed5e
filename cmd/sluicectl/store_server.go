package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// serverState is one server of the store as store status shows it.
type serverState struct {
	ID       string `json:"id,omitempty"`
	Endpoint string `json:"endpoint,omitempty"` // where clients reach it
	Address  string `json:"address,omitempty"`  // where other members do
	Role     string `json:"role"`
	Index    uint64 `json:"index,omitempty"`
	Behind   uint64 `json:"behind"`
	State    string `json:"state"`
}

// servers asks the servers what they are.
func (a *app) servers(ctx context.Context, st *store.Client) *statusView {
	v := &statusView{Objects: map[string]int{}, Unusable: []string{}, Hosts: []hostState{}, Servers: []serverState{}}
	members := st.Members(ctx)
	var raft *store.RaftStatus
	if isSocket(a.path(memberCtl)) {
		raft, _ = store.Raft(ctx, a.memberControl()) // without it less is known, and said
	}
	var most uint64
	for _, m := range members {
		if m.Err == nil && v.Model != store.ModelClustered {
			v.Model, v.Cluster = m.Model, m.Cluster
		}
		most = max(most, m.Index)
	}
	if raft != nil && raft.Cluster != v.Cluster && v.Cluster != "" {
		raft = nil // this machine is a member of another store
	}
	for _, m := range members {
		v.Servers = append(v.Servers, serverOf(m, most))
	}
	if raft != nil {
		v.Model, v.Cluster, v.Term, v.Election = store.ModelClustered, raft.Cluster, raft.Term, raft.Election.Milliseconds()
		v.merge(raft)
	}
	v.Warnings = store.Warnings(members, raft)
	if v.Warnings == nil {
		v.Warnings = []string{}
	}
	return v
}

func serverOf(m store.Member, most uint64) serverState {
	s := serverState{ID: store.Digits(m.Server), Endpoint: m.Endpoint, Role: "-", Index: m.Index, State: "serves"}
	switch {
	case m.Err != nil:
		s.State = "does not serve"
		return s
	case m.Model == store.ModelClustered && m.Leader:
		s.Role = "leader"
	case m.Model == store.ModelClustered:
		s.Role = "follower"
	default:
		s.Role = string(m.Model)
	}
	if m.Model == store.ModelClustered {
		s.Behind = most - m.Index
	}
	if !m.Connected {
		s.Role, s.State = "-", "cut off"
	}
	return s
}

// merge adds what a member knows: the addresses, and members that no endpoint names.
func (v *statusView) merge(raft *store.RaftStatus) {
	others := slices.SortedFunc(slices.Values(raft.Servers), func(x, y store.RaftServer) int { return cmp.Compare(x.Address, y.Address) })
	for _, m := range others {
		i := slices.IndexFunc(v.Servers, func(s serverState) bool { return s.ID == m.ID })
		if i >= 0 {
			v.Servers[i].Address = m.Address
			continue
		}
		s := serverState{ID: m.ID, Address: m.Address, Role: "member", State: "not asked"}
		if raft.Role == "leader" {
			s.Role, s.Index, s.Behind, s.State = "follower", m.Match, raft.Last-min(m.Match, raft.Last), "serves"
			if m.Silent > heardOf {
				s.State = "silent"
			}
		} else if m.ID == raft.Leader {
			s.Role = "leader"
		}
		v.Servers = append(v.Servers, s)
	}
}

// showServers prints what keeps the store.
func (a *app) showServers(v *statusView) error {
	if v.Model != store.ModelClustered && len(v.Servers) == 1 {
		_, err := fmt.Fprintf(a.stdout, "server %s, %s\n", v.Servers[0].Endpoint, v.Servers[0].Role)
		return err
	}
	if v.Model == store.ModelClustered {
		fmt.Fprintf(a.stdout, "cluster %s", store.Digits(v.Cluster))
		if v.Term > 0 {
			fmt.Fprintf(a.stdout, ", term %d", v.Term)
		}
		if v.Election > 0 {
			fmt.Fprintf(a.stdout, ", election timer %s", time.Duration(v.Election)*time.Millisecond)
		}
		fmt.Fprintln(a.stdout)
	}
	err := a.table(v, "SERVER\tID\tMEMBER\tROLE\tENTRY\tBEHIND\tSTATE", func(row func(...any)) {
		for _, s := range v.Servers {
			row(orDash(s.Endpoint), orDash(s.ID), orDash(s.Address), s.Role, s.Index, s.Behind, s.State)
		}
	})
	for _, w := range v.Warnings {
		fmt.Fprintf(a.stdout, "warning: %s\n", api.Printable(w))
	}
	return err
}
