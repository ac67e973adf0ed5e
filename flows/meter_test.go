package flows_test

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/simulate/difftest"
	"github.com/sluice-nfv/sluice/internal/lab"
)

// TestSlowPath: what the switch answers for one guest passes no meter that another guest,
// or BFD, passes as well.
func TestSlowPath(t *testing.T) {
	r := start(t, twoHosts(t))
	const ask = "ffffffffffff" + "f2010a00010b" + "0806" + "0001080006040001" + "f2010a00010b" + "0a00010b" + "000000000000" + "0a000101"
	frame, err := hex.DecodeString(ask)
	if err != nil {
		t.Fatal(err)
	}
	at := difftest.Place{Host: "h1", Port: "blue1"}
	if err := r.Send(t.Context(), at, frame); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var entry string
	err = lab.Until(ctx, "the datapath has an entry for ARP", func(ctx context.Context) error {
		text, err := r.Datapath(ctx, "h1")
		if err != nil {
			return err
		}
		for line := range strings.Lines(text) {
			if strings.Contains(line, "slow_path(action)") {
				entry = line
				return nil
			}
		}
		return errors.New(text)
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(entry, "meter(") {
		t.Errorf("one guest can silence all: %s", entry)
	}
}
