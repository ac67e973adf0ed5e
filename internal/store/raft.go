package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// RaftStatus is what a member of a store's cluster says of it.
type RaftStatus struct {
	Cluster string // the cluster's id; "" while it joins
	Server  string // this member's id
	Address string // where the other members reach it, ssl:HOST:PORT
	Status  string // in ovsdb-server's words, "cluster member" when all is well
	Role    string // "leader", "follower", "candidate"
	Term    uint64
	Leader  string // the first digits of its id, "self", "unknown"
	Last    uint64 // index of the last entry of its log
	// Election is how long a member hears nothing of its leader before it stands for
	// election itself; 0 where that is not told, before OVS 2.12.
	Election time.Duration
	Servers  []RaftServer
}

// RaftServer is a member as another sees it.
type RaftServer struct {
	ID      string // its first digits
	Address string
	Self    bool
	// Match is the last entry that the leader knows it to have; only the leader's
	// status has it, else it is 0.
	Match uint64
	// Silent is how long ago it was heard of last; negative where that is not told.
	Silent time.Duration
}

// ElectionTimer is the election timer of a cluster that is made with this program.
// ovsdb-server's own of 1 s is too short for a fleet: a leader that compacts its log,
// reads a large network to many hosts that come at once, or waits for its disk, is taken
// for dead by members that it is busy with. With this a leader that is dead is replaced
// within a heartbeat of its hosts (announceTimeout in internal/agent/overlay).
const ElectionTimer = 5 * time.Second

// MemberWell is the Status of a member that serves.
const MemberWell = "cluster member"

// ParseRaftStatus reads the reply of cluster/status: raft_unixctl_status in
// ovsdb/raft.c, OVS 2.9 to 3.5. What it does not know it passes over.
func ParseRaftStatus(r io.Reader) (*RaftStatus, error) {
	s := &RaftStatus{}
	lines := bufio.NewScanner(r)
	servers := false
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if servers && strings.HasPrefix(line, "    ") {
			m, err := parseRaftServer(strings.TrimSpace(line))
			if err != nil {
				return nil, fmt.Errorf("cluster/status, line %d: %w", n, err)
			}
			s.Servers = append(s.Servers, m)
			continue
		}
		key, v, _ := strings.Cut(line, ":")
		servers = key == "Servers"
		if err := s.set(key, strings.TrimSpace(v)); err != nil {
			return nil, fmt.Errorf("cluster/status, line %d: %s: %w", n, key, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("cluster/status: %w", err)
	}
	if s.Server == "" || s.Role == "" {
		return nil, errors.New("cluster/status: neither a server nor its role is named")
	}
	return s, nil
}

func (s *RaftStatus) set(key, v string) (err error) {
	switch key {
	case "Cluster ID":
		s.Cluster = inParentheses(v)
	case "Server ID":
		s.Server = inParentheses(v)
	case "Address":
		s.Address = v
	case "Status":
		s.Status = v
	case "Role":
		s.Role = v
	case "Leader":
		s.Leader = v
	case "Term":
		s.Term, err = strconv.ParseUint(v, 10, 64)
	case "Election timer":
		var ms uint32
		ms, err = milliseconds(v)
		s.Election = time.Duration(ms) * time.Millisecond
	case "Log": // [first, one behind the last]
		_, last, ok := strings.Cut(strings.Trim(v, "[]"), ",")
		if !ok {
			return fmt.Errorf("%q is no range", v)
		}
		s.Last, err = strconv.ParseUint(strings.TrimSpace(last), 10, 64)
		s.Last -= min(s.Last, 1)
	}
	return err
}

// milliseconds reads a number of them.
func milliseconds(v string) (uint32, error) {
	n, err := strconv.ParseUint(v, 10, 32)
	return uint32(n), err
}

// inParentheses is the whole id in "f4c9 (f4c9ad41-...)"; "" for one not known yet.
func inParentheses(v string) string {
	_, id, _ := strings.Cut(v, "(")
	id, _, _ = strings.Cut(id, ")")
	return id
}

// parseRaftServer reads "ID (ID at ADDRESS) (self) next_index=N match_index=N last
// msg N ms ago".
func parseRaftServer(line string) (RaftServer, error) {
	m := RaftServer{Silent: -1}
	id, rest, ok := strings.Cut(line, " (")
	_, at, ok2 := strings.Cut(rest, " at ")
	at, rest, ok3 := strings.Cut(at, ")")
	if !ok || !ok2 || !ok3 {
		return m, fmt.Errorf("%q names no server", line)
	}
	m.ID, m.Address, m.Self = id, at, strings.Contains(rest, "(self)")
	var err error
	if _, v, ok := strings.Cut(rest, "match_index="); ok {
		v, _, _ = strings.Cut(v, " ")
		m.Match, err = strconv.ParseUint(v, 10, 64)
	}
	if _, v, ok := strings.Cut(rest, "last msg "); ok && err == nil {
		v, _, _ = strings.Cut(v, " ")
		var ms int64
		if ms, err = strconv.ParseInt(v, 10, 64); err == nil && ms < int64(math.MaxInt64/time.Millisecond) {
			m.Silent = time.Duration(ms) * time.Millisecond
		}
	}
	return m, err
}
