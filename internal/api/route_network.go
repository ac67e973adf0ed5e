package api

import (
	"context"
	"net/http"
	"reflect"
)

// networkRoutes are the operations on this host's part of the logical network.
func networkRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/v1/flows", id: "flows",
			summary: "The flows of the integration bridge, and those it lacks; a line each, table by table.",
			query:   []string{"object", "table"}, stream: reflect.TypeFor[FlowLine](),
			timeout: flowsTimeout, serve: (*server).flows,
		},
		read("/v1/flows/{name}", "explainFlow", "What a flow's cookie stands for.",
			func(ctx context.Context, b Backend, r *http.Request) (FlowExplanation, error) {
				return b.ExplainFlow(ctx, r.PathValue("name"))
			}),
		read("/v1/tunnels", "tunnels", "The ways to all other hosts, ascending by host.",
			func(ctx context.Context, b Backend, _ *http.Request) ([]Tunnel, error) { return b.Tunnels(ctx) }),
		read("/v1/tunnels/{name}", "tunnel", "The way to one host, and why it is not reached.",
			func(ctx context.Context, b Backend, r *http.Request) (Tunnel, error) {
				return b.Tunnel(ctx, r.PathValue("name"))
			}),
		write("/v1/store/accept", "acceptStore", "Follow another store than the one that the laid flows are of.", readTimeout, Backend.AcceptStore),
		talkersRoute(),
		write("/v1/trace", "trace", "What the switch would do with a guest's packet; sends none.", readTimeout, Backend.Trace),
	}
}
