package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/store"
)

// topology is the logical network as a picture shows it: routers, switches, what
// connects them, and where they meet the outside. All is ascending by name.
type topology struct {
	Routers  []topoRouter `json:"routers"`
	Switches []topoSwitch `json:"switches"`
	Links    []topoLink   `json:"links"`
}

type topoRouter struct {
	Name   string    `json:"name"`
	Hosts  []string  `json:"hosts"` // it is pinned to; none: on every host
	Routes []lsrView `json:"routes"`
}

type topoSwitch struct {
	Name    string         `json:"name"`
	Kind    string         `json:"kind"` // "overlay", "vlan physnet1:120"
	Subnets []netip.Prefix `json:"subnets"`
	Guests  int            `json:"guests"` // ports that may have a guest
	Bound   int            `json:"bound"`  // of those, how many are on a host
	Outside []topoOutside  `json:"outside"`
}

// topoOutside is where a switch meets a physical network.
type topoOutside struct {
	Port string `json:"port"`
	At   string `json:"at"` // "edge1 br-ex", "network physnet1"
}

type topoLink struct {
	Router     string         `json:"router"`
	Switch     string         `json:"switch"`
	RouterPort string         `json:"routerPort"`
	SwitchPort string         `json:"switchPort"`
	Networks   []netip.Prefix `json:"networks"`
}

func topologyOf(n *logical.Snapshot) topology {
	t := topology{Routers: []topoRouter{}, Switches: []topoSwitch{}, Links: []topoLink{}}
	for r := range n.Routers() {
		v := viewRouter(n, r)
		t.Routers = append(t.Routers, topoRouter{Name: v.Name, Hosts: v.Hosts, Routes: v.Routes})
		for _, p := range v.Ports {
			if p.Switch != "" {
				t.Links = append(t.Links, topoLink{Router: v.Name, Switch: p.Switch, RouterPort: p.Name, SwitchPort: p.Peer, Networks: p.Networks})
			}
		}
	}
	for s := range n.Switches() {
		t.Switches = append(t.Switches, switchOf(n, s))
	}
	slices.SortFunc(t.Routers, func(x, y topoRouter) int { return strings.Compare(x.Name, y.Name) })
	slices.SortFunc(t.Switches, func(x, y topoSwitch) int { return strings.Compare(x.Name, y.Name) })
	slices.SortFunc(t.Links, func(x, y topoLink) int { return strings.Compare(x.RouterPort, y.RouterPort) })
	return t
}

func switchOf(n *logical.Snapshot, s *logical.Switch) topoSwitch {
	t := topoSwitch{Name: s.Name, Kind: lsView{Kind: s.Kind, Network: s.Network, VLAN: s.VLAN}.carrier(), Subnets: listed(s.Subnets), Outside: []topoOutside{}}
	for p := range n.PortsOf(s.ID) {
		switch p.Kind {
		case logical.PortGuest, logical.PortUnknown:
			t.Guests++
			if n.Bound(p.ID) != nil {
				t.Bound++
			}
		case logical.PortOutside:
			t.Outside = append(t.Outside, topoOutside{p.Name, p.Host + " " + p.Bridge})
		case logical.PortLocalnet:
			network := p.Network
			if network == "" {
				network = s.Network
			}
			t.Outside = append(t.Outside, topoOutside{p.Name, "network " + network})
		case logical.PortRouter:
		}
	}
	slices.SortFunc(t.Outside, func(x, y topoOutside) int { return strings.Compare(x.Port, y.Port) })
	return t
}

// drawing is a form of the topology.
type drawing string

const (
	drawText drawing = "text"
	drawDot  drawing = "dot"
	drawSVG  drawing = "svg"
	drawJSON drawing = "json"
)

func (a *app) topologyCommand() *cobra.Command {
	format := drawText
	c := &cobra.Command{
		Use: "topology", Short: "Draw the logical network", Args: cobra.NoArgs,
		Long: `Draws routers, switches, what connects them and where they meet the outside: as
text, as input for Graphviz (dot), as a picture for a browser (svg; no other program
is needed) or as JSON. Guests are counted, not drawn: lsp show lists them.`,
		Example: "  sluicectl topology\n  sluicectl topology --format svg > network.svg\n  sluicectl topology --format dot | dot -Tpdf > network.pdf",
		RunE: a.onStore(func(ctx context.Context, st *store.Client, _ []string) error {
			n, err := a.network(ctx, st)
			if err != nil {
				return err
			}
			t := topologyOf(n)
			if format == drawJSON {
				a.output = outputJSON
			}
			return a.print(t, func() error {
				var b strings.Builder
				switch format {
				case drawDot:
					t.dot(&b)
				case drawSVG:
					t.svg(&b)
				case drawText, drawJSON:
					t.text(&b)
				}
				_, err := io.WriteString(a.stdout, b.String())
				return err
			})
		}),
	}
	c.Flags().Var(choice[drawing]{&format, []drawing{drawText, drawDot, drawSVG, drawJSON}}, "format", "form of the drawing")
	return c
}

// text lists each router with its links and routes, then each switch.
func (t topology) text(b *strings.Builder) {
	for _, r := range t.Routers {
		fmt.Fprintf(b, "router %s%s\n", api.Printable(r.Name), pinned(r))
		for _, l := range t.Links {
			if l.Router == r.Name {
				fmt.Fprintf(b, "  %s -- switch %s\n", joined(l.Networks), api.Printable(l.Switch))
			}
		}
		for _, x := range r.Routes {
			fmt.Fprintf(b, "  route %s\n", api.Printable(routeText(x)))
		}
	}
	for _, s := range t.Switches {
		fmt.Fprintf(b, "switch %s (%s)", api.Printable(s.Name), api.Printable(s.Kind))
		if len(s.Subnets) > 0 {
			fmt.Fprintf(b, " %s", joined(s.Subnets))
		}
		fmt.Fprintf(b, "\n  %s\n", guests(s))
		for _, l := range t.Links {
			if l.Switch == s.Name {
				fmt.Fprintf(b, "  -- router %s %s\n", api.Printable(l.Router), joined(l.Networks))
			}
		}
		for _, o := range s.Outside {
			fmt.Fprintf(b, "  == outside %s (%s)\n", api.Printable(o.At), api.Printable(o.Port))
		}
	}
}

func pinned(r topoRouter) string {
	if len(r.Hosts) == 0 {
		return ""
	}
	return api.Printable(" on " + strings.Join(r.Hosts, ", else "))
}

func routeText(r lsrView) string {
	if r.Blackhole {
		return fmt.Sprintf("%s %s (%s)", r.Prefix, blackhole, r.Name)
	}
	return fmt.Sprintf("%s via %s out of %s (%s)", r.Prefix, r.NextHop, orDash(r.OutPort), r.Name)
}

func guests(s topoSwitch) string {
	if s.Guests == 1 {
		return fmt.Sprintf("1 port for guests, %d on a host", s.Bound)
	}
	return fmt.Sprintf("%d ports for guests, %d on a host", s.Guests, s.Bound)
}
