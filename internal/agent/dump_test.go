package agent

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// connect is a connection of the test's own.
func connect(t *testing.T, h *lab.Host) *ovsdb.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := ovsdb.Dial(ctx, h.DBEndpoint(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func observeAt(t *testing.T, h *lab.Host) vswitch.Observed {
	t.Helper()
	c := connect(t, h)
	defer c.Close()
	o, err := c.Observe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// dump prints what a database wants, one row a line with its marks, without what
// changes by itself: UUIDs, status and configuration numbers.
func dump(o vswitch.Observed) string {
	var b strings.Builder
	for _, r := range o.Rows {
		name := r.Name
		if r.Table == vswitch.QoSTable && r.Parent == (vswitch.ID{}) {
			name = "(of nobody)"
		}
		fmt.Fprintf(&b, "%s %s", r.Table, name)
		if r.Parent != (vswitch.ID{}) && r.Parent != vswitch.Root {
			fmt.Fprintf(&b, " in %s", r.Parent.Name)
		}
		for _, setting := range r.Settings.Names() {
			fmt.Fprintf(&b, " %s=%q", setting, r.Settings[setting])
		}
		if r.Mark.Owner != "" || len(r.Mark.Keys) > 0 {
			fmt.Fprintf(&b, " | %s: %s", r.Mark.Owner, strings.Join(r.Mark.Keys, " "))
		}
		if len(r.Mark.Former) > 0 {
			fmt.Fprintf(&b, " | before: %v", r.Mark.Former)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func names(o vswitch.Observed, table vswitch.Table) []string {
	var out []string
	for _, r := range o.Rows {
		if r.Table == table {
			out = append(out, r.Name)
		}
	}
	return out
}
