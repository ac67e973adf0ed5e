package overlay

import (
	"context"
	"fmt"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// carrier is the bridge that carries the tunnels. Only flows with our cookie are
// touched there.
type carrier struct {
	bridge  string          // "" = none
	session *ofconn.Session // nil = not connected
	foreign <-chan struct{}
	laid    []openflow.Flow // what is there of ours; nil = not known
	// ordinary says that nobody gave it flows, at the last look at them.
	ordinary bool
	// clear are the bridges that have none of these flows for sure.
	clear map[string]bool
}

func (u *carrier) hangUp() {
	if u.session != nil {
		u.session.Close()
	}
	u.session, u.foreign, u.laid, u.ordinary = nil, nil, nil, false
}

func (u *carrier) done() <-chan struct{} {
	if u.session == nil {
		return nil
	}
	return u.session.Done()
}

// carry keeps the flows of the bridge that carries the tunnels, until ctx ends.
func (n *Network) carry(ctx context.Context) error {
	u := &carrier{}
	defer u.hangUp()
	var others feud
	var mend <-chan time.Time
	again := redial
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.wakeUnderlay:
		case <-u.done():
			u.hangUp()
		case <-u.foreign:
			if mend == nil {
				mend = n.clock.After(others.wait(n.clock.Now()))
			}
			continue
		case <-mend:
			mend, u.laid = nil, nil
		case <-n.clock.After(again):
		}
		left, err := n.carryOn(ctx, u)
		if ctx.Err() != nil {
			return nil
		}
		again = lookAt
		text := ""
		if err != nil {
			u.hangUp()
			again, text = redial, err.Error()
		}
		n.mu.Lock()
		said := n.told
		n.told.Underlay, n.told.Left = text, left
		n.mu.Unlock()
		if text != said.Underlay && text != "" {
			n.log.Warn("logical network: the bridge of the tunnels", "error", text)
		}
		if left != said.Left && left != "" {
			n.log.Info("logical network: the bridge of the tunnels gets no flows", "why", left)
		}
	}
}

// carryOn makes the bridge so, and says why it is left to NORMAL alone, "" where it is
// not. A bridge that is not ours stays as it is.
func (n *Network) carryOn(ctx context.Context, u *carrier) (left string, err error) {
	overlay, _ := n.daemon.Overlay()
	o, err := n.daemon.Observe(ctx)
	if err != nil {
		return "", nil //nolint:nilerr // the passes tell of it
	}
	ctx, cancel := context.WithTimeout(ctx, layTimeout)
	defer cancel()
	if overlay == nil {
		_ = n.leave(ctx, u, o, "") // there is no network to tell of it: it is tried again
		return "", nil
	}
	row, exists := o.Row(vswitch.ID{Table: vswitch.BridgeTable, Name: overlay.Bridge})
	if !exists || row.Mark.Owner != vswitch.OwnerProfile {
		return "", n.leave(ctx, u, o, "")
	}
	if err := n.leave(ctx, u, o, overlay.Bridge); err != nil {
		return "", err
	}
	if err := u.know(ctx, ofconn.Socket(n.opt.Local.RunDir, overlay.Bridge), localOf(o, overlay.Bridge).names); err != nil {
		return "", err
	}
	var wire openflow.Port
	switch mode := row.Settings["fail_mode"]; {
	case mode != "" && mode != "standalone":
		left = "its fail_mode is " + mode
	case !u.ordinary:
		left = "somebody else's flows are there"
	default:
		wire, left = wireOf(o, overlay.Bridge)
	}
	if left != "" {
		left = fmt.Sprintf("bridge %s: tunnelled packets go by its own flows: %s", overlay.Bridge, left)
	}
	return left, u.lay(ctx, flows.Underlay(*overlay, wire))
}

// know reads what the bridge holds, unless that is known. One that does not tell of
// others' changes is read each time.
func (u *carrier) know(ctx context.Context, socket string, names portNames) (err error) {
	if u.session == nil {
		if u.session, err = ofconn.Dial(ctx, socket); err != nil {
			return err
		}
		if u.foreign, err = watch(ctx, u.session); err != nil {
			return err
		}
	}
	if u.laid != nil && u.foreign != nil {
		return nil
	}
	ports, err := u.session.Ports(ctx)
	if err != nil {
		return err
	}
	if err := sameNumbers(ports, names); err != nil {
		return fmt.Errorf("bridge %s: %w", u.bridge, err)
	}
	var held []openflow.Flow
	err = u.session.DumpFlows(ctx, openflow.FlowRequest{Table: openflow.AllTables}, func(e openflow.FlowEntry) { held = append(held, e.Flow) })
	if err != nil {
		return err
	}
	u.ordinary, u.laid = flows.Ordinary(held), []openflow.Flow{}
	for _, f := range held {
		if f.Cookie == flows.UnderlayCookie {
			u.laid = append(u.laid, f)
		}
	}
	return nil
}

// lay makes the flows so that have our cookie.
func (u *carrier) lay(ctx context.Context, want []openflow.Flow) error {
	change := flows.Diff(u.laid, nil, flows.Rules{Flows: want})
	if change.Empty() {
		return nil
	}
	if err := u.session.Bundle(ctx, change.Messages()); err != nil {
		return fmt.Errorf("bridge %s: %w", u.bridge, err)
	}
	u.laid = append([]openflow.Flow{}, want...)
	return nil
}
