package store

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// muchBehind is how many entries a member may lack before it is told of: those
	// that are under way are no fault.
	muchBehind = 100
	// longSilent is when a leader has not heard of a member for long: heartbeats go
	// three times in each election timer.
	longSilent = 10 * time.Second
)

// Warnings say what is wrong with a store, or will be when one more server is
// lost: in sentences, none when all is well. raft is a member's view, or nil.
func Warnings(members []Member, raft *RaftStatus) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	var most uint64
	var clusters []string
	for _, m := range members {
		most = max(most, m.Index)
		if m.Cluster != "" && !slices.Contains(clusters, m.Cluster) {
			clusters = append(clusters, m.Cluster)
		}
	}
	for _, m := range members {
		switch {
		case m.Err != nil:
			add("%s does not serve the store: %v", m.Endpoint, m.Err)
		case !m.Connected && m.Model == ModelRelay:
			add("relay %s has lost its source", m.Endpoint)
		case !m.Connected:
			add("%s is cut off from its cluster: it serves nobody", m.Endpoint)
		case m.Model == ModelClustered && most-m.Index > muchBehind:
			add("%s is %d entries behind", m.Endpoint, most-m.Index)
		}
	}
	if len(clusters) > 1 {
		add("these are members of %d different clusters: name those of one", len(clusters))
	}
	if len(clusters) == 1 {
		all = append(all, quorum(members, raft)...)
	}
	return append(append(all, silence(raft)...), hasty(raft)...)
}

// hasty tells of an election timer that is too short for a fleet. It can be raised at
// the leader alone, and at most doubled in a step (raft_unixctl_change_election_timer in
// ovsdb/raft.c).
func hasty(raft *RaftStatus) []string {
	if raft == nil || raft.Election <= 0 || raft.Election >= ElectionTimer {
		return nil
	}
	next := min(2*raft.Election, ElectionTimer)
	return []string{fmt.Sprintf("the election timer is %s: a busy leader is taken for dead; on the leader: ovs-appctl -t /run/sluice-store/ctl cluster/change-election-timer %s %d, and on until it is %s",
		raft.Election, Database, next.Milliseconds(), ElectionTimer)}
}

// quorum is what the number of members means.
func quorum(members []Member, raft *RaftStatus) []string {
	var all []string
	n := 0
	leads := false
	for _, m := range members {
		if m.Model == ModelClustered {
			n++
		}
		leads = leads || m.Leader
	}
	if raft != nil {
		n = len(raft.Servers)
		leads = leads || raft.Leader != "unknown" && raft.Status == MemberWell
	} else if slices.ContainsFunc(members, func(m Member) bool { return m.Err != nil || m.Model != ModelClustered }) || !leads {
		n = 0 // who else is a member is not known from here
	}
	switch {
	case raft != nil && !leads:
		all = append(all, fmt.Sprintf("no quorum: %d of %d members have to be up, nothing can be written until then", n/2+1, n))
	case n == 1:
		all = append(all, "one member: when it is lost, so is the store; join two more")
	case n == 2:
		all = append(all, "two members: when one is lost, nothing can be written; join a third")
	case n > 2 && n%2 == 0:
		all = append(all, fmt.Sprintf("%d members survive the loss of %d, as %d do: one more or one less is better", n, (n-1)/2, n-1))
	}
	return all
}

// silence names members that the leader does not hear of.
func silence(raft *RaftStatus) []string {
	if raft == nil {
		return nil
	}
	var all []string
	if raft.Status != MemberWell {
		all = append(all, "this member says: "+raft.Status)
	}
	for _, s := range raft.Servers {
		if raft.Role == "leader" && s.Silent > longSilent {
			all = append(all, fmt.Sprintf("member %s (%s) has been silent for %s", s.ID, s.Address, s.Silent.Round(time.Second)))
		} else if raft.Role == "leader" && !s.Self && raft.Last-min(raft.Last, s.Match) > muchBehind {
			all = append(all, fmt.Sprintf("member %s (%s) is %d entries behind", s.ID, s.Address, raft.Last-s.Match))
		}
	}
	return all
}

// Digits are the first digits of an id, by which ovsdb-server names a member.
func Digits(id string) string {
	first, _, _ := strings.Cut(id, "-")
	return first[:min(4, len(first))]
}
