package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// traceFlags say which packet is traced, and where.
type traceFlags struct {
	to             string
	proto          traceProto
	port           uint16
	ttl            uint8
	simulate, live bool
}

// traceProto is a protocol that a packet can be made of.
type traceProto string

func (a *app) traceCommand() *cobra.Command {
	f := traceFlags{proto: "udp"}
	c := &cobra.Command{
		Use: "trace PORT --to IP", Short: "Say what becomes of a packet of a guest's", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.complete(ofKind(logical.KindSwitchPort)),
		Long: `Follows the packet that the guest behind PORT would send to an address, without sending
one.

By itself it asks this host's switch (ofproto/trace): PORT, a switch port or its
interface, must be on this host, and what leaves by a tunnel is not followed further.
Beside each table stands its name, and whose the rule is that was met.

With --simulate it asks the model of the network, hop by hop over all hosts: switches,
routers, tunnels, and why it is dropped where it is. That tells what the network as it is
in the store means, whatever a switch does; it needs the store only, and no daemon. Where
equal routes leave a choice each way is told.

Exit codes: 0 it comes out (--simulate), or the tables were shown, 3 no such port, 4 the
guest could not send it, or its port is elsewhere, 5 it does not come out (--simulate):
dropped, too old (TTL) or too big.`,
		Example: `  sluicectl trace vm1 --to 10.2.0.11 --proto tcp --dport 80
  sluicectl trace vm1 --to 10.2.0.11 --simulate`,
		RunE: func(c *cobra.Command, args []string) error { return a.trace(c, args, f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.to, "to", "", "`IP` it is for")
	flags.Var(choice[traceProto]{&f.proto, []traceProto{"tcp", "udp", "icmp"}}, "proto", "its protocol; icmp is an echo request")
	flags.Uint16Var(&f.port, "dport", 0, "its destination `PORT` (default 5000)")
	flags.Uint8Var(&f.ttl, "ttl", 0, "its `TTL` or hop limit (default 64)")
	flags.BoolVar(&f.simulate, "simulate", false, "ask the model of the network instead of this host's switch")
	flags.BoolVar(&f.live, "live", false, "send a real packet and watch it (not there yet)")
	oneOf(c, "proto", "tcp", "udp", "icmp")
	return c
}

func (a *app) trace(c *cobra.Command, args []string, f traceFlags) error {
	if f.live {
		return usagef("trace: --live is not there yet: packets in flight are not watched\n" +
			"  -> --simulate says what the network means; without it this host's tables are asked; sluicectl flows show --object PORT counts what passes")
	}
	if f.to == "" {
		return usagef("trace: which address is it for?\n  -> sluicectl trace %s --to IP", args[0])
	}
	to, err := parseAddr("--to", f.to)
	if err != nil {
		return err
	}
	if f.proto == "icmp" && f.port != 0 {
		return usagef("trace: icmp has no port: leave --dport out")
	}
	if f.simulate {
		return a.onStore(func(ctx context.Context, s *store.Client, _ []string) error {
			return a.simulated(ctx, s, args[0], to, f)
		})(c, args)
	}
	ctx, cancel := a.asking(c)
	defer cancel()
	t, err := a.client().Trace(ctx, api.TraceRequest{Port: args[0], To: to.String(), Proto: string(f.proto), DstPort: int(f.port), TTL: int(f.ttl)})
	if err != nil {
		return err
	}
	return a.print(t, func() error { return a.showTrace(t) })
}

// showTrace prints what ofproto/trace said with the names beside the tables.
func (a *app) showTrace(t api.Trace) error {
	var b strings.Builder
	for _, l := range t.Lines {
		b.WriteString(api.Printable(l.Text))
		switch {
		case l.Table != "" && l.Owner != "":
			fmt.Fprintf(&b, "  # %s: %s", l.Table, api.Printable(l.Owner))
		case l.Table != "":
			fmt.Fprintf(&b, "  # %s", l.Table)
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	for _, r := range t.Result {
		fmt.Fprintf(&b, "%s\n", api.Printable(r))
	}
	return a.write([]byte(b.String()))
}

// traceView is what the model says of a packet.
type traceView struct {
	Packet string    `json:"packet"`
	At     string    `json:"at"` // where it comes in, PORT@HOST
	Ways   []wayView `json:"ways"`
}

// wayView is one way through equal routes.
type wayView struct {
	Verdict simulate.Verdict `json:"verdict"`
	Out     []string         `json:"out"` // where it comes out, and as what
	Host    string           `json:"host,omitempty"`
	Punt    simulate.Punt    `json:"punt,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	Trail   []string         `json:"trail"` // "host: what happened"
}

func (a *app) simulated(ctx context.Context, s *store.Client, port string, to netip.Addr, f traceFlags) error {
	n, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	at, packet, err := simulate.Probe{Port: port, To: to, Proto: string(f.proto), DstPort: f.port, TTL: f.ttl}.Packet(n)
	var missing *logical.MissingError
	switch {
	case errors.As(err, &missing):
		return err
	case err != nil:
		return api.Conflict("%w", err).WithFix("sluicectl check finds what is wrong with the network")
	}
	v := traceView{Packet: packet.String(), At: at.String()}
	arrives := true
	for _, o := range simulate.All(n, at, packet) {
		w := wayView{Verdict: o.Verdict, Out: []string{}, Host: o.Host, Punt: o.Punt, Reason: o.Reason, Trail: listed(o.Trail)}
		for _, d := range o.Out {
			w.Out = append(w.Out, d.String())
		}
		ends := o.Verdict == simulate.Dropped || o.Verdict == simulate.Punted && (o.Punt == simulate.PuntTTLExceeded || o.Punt == simulate.PuntTooBig)
		arrives = arrives && !ends
		v.Ways = append(v.Ways, w)
	}
	if err := a.print(v, func() error { return a.showWays(v) }); err != nil {
		return err
	}
	return verdict(false, arrives)
}

func (a *app) showWays(v traceView) error {
	var b strings.Builder
	for i, w := range v.Ways {
		if len(v.Ways) > 1 {
			fmt.Fprintf(&b, "way %d of %d\n", i+1, len(v.Ways))
		}
		for _, step := range w.Trail {
			fmt.Fprintf(&b, "  %s\n", api.Printable(step))
		}
		switch w.Verdict {
		case simulate.Dropped:
			fmt.Fprintf(&b, "dropped on %s: %s\n", w.Host, api.Printable(w.Reason))
		case simulate.Punted:
			fmt.Fprintf(&b, "the daemon of %s gets it: %s\n", w.Host, w.Punt)
		case simulate.Delivered, simulate.Answered:
			for _, out := range w.Out {
				where, _, _ := strings.Cut(out, " ")
				fmt.Fprintf(&b, "%s: comes out at %s\n", w.Verdict, api.Printable(where))
			}
		}
	}
	return a.write([]byte(b.String()))
}
