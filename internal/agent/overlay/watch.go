package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// lookAt is how often the bridge is asked for what it does not tell of: its table of
// tunnel options. Two short questions; the flows are not read for it.
const lookAt = 10 * time.Second

// feud is how long to wait before what somebody else changes is put right: at once
// at first, and ever longer with one who keeps at it, for each time all flows are
// read.
type feud struct {
	last  time.Time
	times int
}

// A feud's first few answers come at once; the waits after them double up to the
// longest. It is forgotten after as long a time as that of peace.
const (
	feudFree    = 5
	feudShort   = 200 * time.Millisecond
	feudLongest = 30 * time.Second
)

// wait is how long to wait from now.
func (f *feud) wait(now time.Time) time.Duration {
	if now.Sub(f.last) > 2*feudLongest {
		f.times = 0
	}
	f.last = now
	f.times++
	if f.times <= feudFree {
		return 0
	}
	return min(feudShort<<min(f.times-feudFree, 10), feudLongest)
}

// watch has the bridge tell of others' changes. One that cannot is left alone.
func watch(ctx context.Context, session *ofconn.Session) (<-chan struct{}, error) {
	foreign, err := session.Watch(ctx)
	if _, refused := errors.AsType[*ofconn.Refused](err); refused {
		return nil, nil
	}
	return foreign, err
}

// changedByOthers has a token when somebody else changed the bridge; nil while there
// is no connection.
func (s *laidSwitch) changedByOthers() <-chan struct{} {
	if s.session == nil {
		return nil
	}
	return s.foreign
}

// read puts back what cannot be in a bundle, and reads the rest of what the bridge
// holds. The bridge's ports must have the names that the database has for their
// numbers: right after a start of the switch it may still have those of before, and
// flows made of them would bring packets to the wrong guest.
func (s *laidSwitch) read(ctx context.Context, class uint16, names portNames) (*bridgeFlows, error) {
	select {
	case <-s.foreign: // what it stands for is read now
	default:
	}
	ports, err := s.session.Ports(ctx)
	if err != nil {
		return nil, err
	}
	if err := sameNumbers(ports, names); err != nil {
		return nil, err
	}
	s.stale = false
	furnished, err := s.furnish(ctx, class)
	if err != nil {
		return nil, err
	}
	held := bridgeFlows{furnished: furnished}
	err = s.session.DumpFlows(ctx, openflow.FlowRequest{Table: openflow.AllTables}, func(e openflow.FlowEntry) { held.flows = append(held.flows, e.Flow) })
	if err != nil {
		return nil, err
	}
	held.groups, err = s.session.Groups(ctx)
	return &held, err
}

// portName is as much of an interface's name as OpenFlow 1.5 has room for (struct
// ofp_port, section 7.2.1).
const portName = 15

// portNames are the interfaces of a bridge as the database has them, by their numbers.
type portNames map[openflow.Port]portIs

// portIs is what tells an interface from another.
type portIs struct{ name, mac string }

// sameNumbers says where the numbers of the bridge's ports are others than those in
// the database. A port that is missing on either side harms nobody. Ports of ours may
// share as much of their names as OpenFlow has; OVS makes up a MAC for each whenever it
// makes them, and writes it into the database, so that tells them apart.
func sameNumbers(ports []openflow.PortDesc, names portNames) error {
	for _, p := range ports {
		is, known := names[p.Port]
		if !known {
			continue
		}
		if p.Name != is.name[:min(len(is.name), portName)] {
			return fmt.Errorf("port %d is %s, and still %s in the database: waiting for it", p.Port, p.Name, is.name)
		}
		if mac := net.HardwareAddr(p.MAC[:]).String(); len(is.name) > portName && flows.Planned(is.name) && mac != is.mac {
			return fmt.Errorf("port %d is %s… with MAC %s, and %s with MAC %q in the database: waiting for it", p.Port, p.Name, mac, is.name, is.mac)
		}
	}
	return nil
}

// furnish sees to the tunnel option and the meters, which flows need, and tells
// whether something was missing.
func (s *laidSwitch) furnish(ctx context.Context, class uint16) (missing bool, err error) {
	option, former, err := ensureOption(ctx, s.session, flows.Option(class))
	if err != nil {
		return false, err
	}
	s.former = former
	meters, unwanted, err := ensureMeters(ctx, s.session)
	s.unwanted = unwanted
	return option || meters, err
}
