package ovsdb_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ovsdb"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// limit bounds what a test waits for.
func limit(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// server is a database without a switch: nothing but what a test writes is in it.
func server(t *testing.T) *lab.Host {
	t.Helper()
	return lab.New(t, lab.Options{Dummy: true, DBOnly: true, Unconfigured: true})
}

func dial(t *testing.T, h *lab.Host) *ovsdb.Client {
	t.Helper()
	c, err := ovsdb.Dial(limit(t), h.DBEndpoint(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func observe(t *testing.T, c *ovsdb.Client) vswitch.Observed {
	t.Helper()
	o, err := c.Observe(limit(t))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// until waits for the mirror to be as asked.
func until(t *testing.T, c *ovsdb.Client, ok func(vswitch.Observed) bool) vswitch.Observed {
	t.Helper()
	o, err := c.WaitFor(limit(t), ok)
	if err != nil {
		t.Fatalf("%v; the mirror has\n%s", err, printed(o))
	}
	return o
}

// write makes the database so, and returns what the mirror shows then.
func write(t *testing.T, c *ovsdb.Client, d vswitch.Desired) vswitch.Observed {
	t.Helper()
	o := observe(t, c)
	cfg, err := c.Write(limit(t), o, vswitch.Diff(o, d))
	if err != nil {
		t.Fatal(err)
	}
	return until(t, c, func(o vswitch.Observed) bool { return o.NextCfg >= cfg })
}

func vsctl(t *testing.T, h *lab.Host, args ...string) string {
	t.Helper()
	out, err := h.VSCtl(limit(t), append([]string{"--no-wait"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// row returns a row by its words: a bridge's parent is the root, a port's the
// bridge, an interface's and a QoS row's the port of the same name.
func row(table vswitch.Table, name, parent string, settings ...string) vswitch.Row {
	r := vswitch.Row{ID: vswitch.ID{Table: table, Name: name}, Settings: vswitch.Settings{}}
	switch table {
	case vswitch.OpenvSwitch:
	case vswitch.BridgeTable:
		r.Parent = vswitch.Root
	case vswitch.PortTable:
		r.Parent = vswitch.ID{Table: vswitch.BridgeTable, Name: parent}
	case vswitch.CollectorSetTable, vswitch.IPFIXTable: // written out where they are used
	case vswitch.IfaceTable, vswitch.QoSTable:
		r.Parent = vswitch.ID{Table: vswitch.PortTable, Name: name}
	}
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		r.Settings[name] = value
	}
	return r
}

// bridge is a bridge with its own port and the given rows.
func bridge(name string, more ...vswitch.Row) vswitch.Desired {
	d := vswitch.Desired{Rows: append([]vswitch.Row{
		row(vswitch.BridgeTable, name, ""), row(vswitch.PortTable, name, name), row(vswitch.IfaceTable, name, name, "type=internal"),
	}, more...)}
	vswitch.Sort(d.Rows)
	return d
}

// limited is a port whose egress is policed.
func limited(name, bridge string) []vswitch.Row {
	return []vswitch.Row{
		row(vswitch.PortTable, name, bridge), row(vswitch.IfaceTable, name, name, "type=internal"),
		row(vswitch.QoSTable, name, name, "type=egress-policer", "other_config:cir=1000"),
	}
}

// printed writes rows as ovs-vsctl would be told them, marks included.
func printed(o vswitch.Observed) string {
	var b strings.Builder
	for _, r := range o.Rows {
		b.WriteString(r.String())
		if r.Parent != (vswitch.ID{}) && r.Parent != vswitch.Root {
			b.WriteString(" in " + r.Parent.String())
		}
		for _, name := range r.Settings.Names() {
			b.WriteString(" " + name + "=" + r.Settings[name])
		}
		if r.Mark.Owner != "" || len(r.Mark.Keys) > 0 {
			b.WriteString(" [" + strings.TrimSpace(r.Mark.Owner+": "+strings.Join(r.Mark.Keys, " ")) + "]")
		}
		b.WriteByte('\n')
	}
	return b.String()
}
