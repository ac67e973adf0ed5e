package ofconn_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestAllRefused sends far more bad messages than the switch lets replies wait.
func TestAllRefused(t *testing.T) {
	h := startSwitch(t)
	h.Allow(regexp.MustCompile("OFPBMC_BAD_PREREQ"))
	s := dial(t, h)
	bad := make([]of.Message, 5000)
	for i := range bad {
		bad[i] = &of.FlowMod{Flow: of.Flow{Priority: uint16(i), Match: of.NewMatch(of.TCPDst(80))}}
	}
	for what, err := range map[string]error{"bundle": s.Bundle(t.Context(), bad), "one by one": s.Send(t.Context(), bad...)} {
		var refused *ofconn.Refused
		if !errors.As(err, &refused) || refused.Index != 0 || errName(err) != "OFPBMC_BAD_PREREQ" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestConcurrentUse has several callers at a time, each with flows of its own.
func TestConcurrentUse(t *testing.T) {
	s := dial(t, startSwitch(t))
	q := s.Subscribe(1)
	defer q.Close()
	var g errgroup.Group
	for table := range uint8(8) {
		g.Go(func() error {
			for n := range uint16(20) {
				f := of.Flow{Table: table, Priority: n, Match: of.NewMatch(of.Metadata(uint64(n)))}
				if err := s.Bundle(t.Context(), add(f)); err != nil {
					return err
				}
				seen := 0
				err := s.DumpFlows(t.Context(), of.FlowRequest{Table: table}, func(e of.FlowEntry) {
					if e.Table == table {
						seen++
					}
				})
				if err != nil || seen != int(n)+1 {
					return fmt.Errorf("table %d: %d flows of %d: %w", table, seen, n+1, err)
				}
				if err := s.Echo(t.Context()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
