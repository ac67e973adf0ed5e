package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/internal/api"
)

func (a *app) flowsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "flows", Short: "OpenFlow of this host: show, explain",
		Long: `Shows the OpenFlow flows by which this host's integration bridge does its part of the
logical network, and which object each is for. docs/pipeline.md describes the tables.`,
	}
	c.AddCommand(a.flowsShow(), a.flowsExplain())
	return c
}

func (a *app) flowsShow() *cobra.Command {
	var req api.FlowsRequest
	c := &cobra.Command{
		Use: "show", Aliases: []string{"s", "list"}, Short: "Show the flows of the integration bridge", Args: cobra.NoArgs,
		Long: `Shows the flows of this host's integration bridge, table by table, each with its
counters and the object of the logical network it is for: kind, name and row. Where
several objects want the same flow all are named, the one in force first.

A flow that is marked is not as it should be: NOT OURS is on the bridge though nobody
wants it (the daemon removes it when it next reads the bridge), NOT ON THE BRIDGE is
computed and missing, ALTERED does something else than what was computed. Without the
daemon's computation (the store was not reached yet) nothing is compared; a bridge
that has no flow at all then is told of, for no guest passes a packet.

Exit codes: 0 all is as computed, 3 no such object, 4 no logical network here,
5 something is not.`,
		Example: `  sluicectl flows show
  sluicectl flows show --object vm1
  sluicectl flows show --object "router port/central_to_web" --table ROUTE
  sluicectl flows show -o json | jq 'map(select(.state != "laid"))'`,
		RunE: func(c *cobra.Command, _ []string) error { return a.showFlows(c, req) },
	}
	c.Flags().StringVar(&req.Object, "object", "", "only what is for the object called `NAME`, or KIND/NAME")
	c.Flags().StringVar(&req.Table, "table", "", "only `TABLE`, a name or a number")
	oneOf(c, "table")  // not files
	oneOf(c, "object") // any of the network's: not files
	return c
}

// showFlows prints flows as they come: at most one table is in memory.
func (a *app) showFlows(c *cobra.Command, req api.FlowsRequest) error {
	ctx, cancel := a.asking(c)
	defer cancel()
	out := &flowPrinter{a: a, states: map[api.FlowState]int{}}
	var table []api.Flow
	end, err := a.client().Flows(ctx, req, func(f api.Flow) error {
		if len(table) > 0 && table[0].Table != f.Table {
			if err := out.print(table); err != nil {
				return err
			}
			table = table[:0]
		}
		table = append(table, f)
		return nil
	})
	if err != nil {
		return err
	}
	if err := out.print(table); err != nil {
		return err
	}
	if err := out.end(end); err != nil {
		return err
	}
	laid := out.states[api.FlowLaid] + out.states[api.FlowUnknown]
	return verdict(false, laid == end.Flows && !end.Bare)
}

func (a *app) flowsExplain() *cobra.Command {
	return &cobra.Command{
		Use: "explain COOKIE", Short: "Say what a flow's cookie stands for", Args: cobra.ExactArgs(1),
		Long: `Says which object of the logical network a cookie is of, as ovs-ofctl dump-flows and
ofproto/trace print it; what that object comes to on this host: all its flows, also
those where another object is in force, and its groups; and what this host cannot do
for it.

Exit codes: 0 done, 3 the cookie is not ours and no flow has it, 4 no logical network
here, 5 a flow is not as computed, or something cannot be done.`,
		Example: "  sluicectl flows explain 0x3b8e2a1c7f90d244",
		RunE: func(c *cobra.Command, args []string) error {
			ctx, cancel := a.asking(c)
			defer cancel()
			x, err := a.client().ExplainFlow(ctx, args[0])
			if err != nil {
				return err
			}
			if err := a.print(x, func() error { return a.explainFlow(x) }); err != nil {
				return err
			}
			odd := slices.ContainsFunc(x.Flows, func(f api.Flow) bool { return f.State != api.FlowLaid && f.State != api.FlowUnknown })
			return verdict(false, !odd && len(x.Problems) == 0)
		},
	}
}
