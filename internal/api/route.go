package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"
)

// Limits of a request.
const (
	maxBody      = 2 << 20          // bytes of a request's body
	bodyTimeout  = 10 * time.Second // for the body to arrive
	readTimeout  = 30 * time.Second // for a question to be answered
	applyTimeout = 15 * time.Minute // for a change to be made, guests' reconnects included
)

// route is one operation. The server and the OpenAPI document are made from the
// same list.
type route struct {
	method, path string
	id           string // operationId
	summary      string
	query        []string // parameters behind the path, all optional
	// request and response are the wire types of the bodies; stream is the type
	// of one line where the answer can be followed. Nil = none.
	request, response, stream reflect.Type
	timeout                   time.Duration
	serve                     func(s *server, w http.ResponseWriter, r *http.Request) error
}

func routes() []route {
	rs := []route{
		read("/v1/version", "version", "Which build answers.",
			func(ctx context.Context, b Backend, _ *http.Request) (Version, error) { return b.Version(ctx) }),
		read("/v1/status", "status", "The host as the newest pass saw it.",
			func(ctx context.Context, b Backend, _ *http.Request) (Status, error) { return b.Status(ctx) }),
		read("/v1/facts", "facts", "What a plan depends on: host, OVS, its schema and its rows.",
			func(ctx context.Context, b Backend, _ *http.Request) (json.RawMessage, error) { return b.Facts(ctx) }),
		read("/v1/ports", "ports", "Every port, ascending by name.",
			func(ctx context.Context, b Backend, _ *http.Request) ([]Port, error) { return b.Ports(ctx) }),
		read("/v1/ports/{name}", "port", "One port.",
			func(ctx context.Context, b Backend, r *http.Request) (Port, error) {
				return b.Port(ctx, r.PathValue("name"))
			}),
		read("/v1/ports/{name}/explain", "explain", "Why a port does or does not pass packets.",
			func(ctx context.Context, b Backend, r *http.Request) (Explanation, error) {
				return b.Explain(ctx, r.PathValue("name"))
			}),
		write("/v1/plan", "plan", "What would be changed; changes nothing.", readTimeout, Backend.Plan),
		write("/v1/adopt", "adopt", "Describe the host as a profile and own what it names.", applyTimeout, Backend.Adopt),
		write("/v1/release", "release", "Give up ownership; put back what take-overs replaced.", applyTimeout, Backend.Release),
		read("/v1/openapi.json", "openapi", "This description.",
			func(context.Context, Backend, *http.Request) (json.RawMessage, error) { return OpenAPI() }),
	}
	rs = append(rs, networkRoutes()...)
	return append(rs, route{
		method: http.MethodPost, path: "/v1/apply", id: "apply",
		summary: "Perform the plan. Once begun it is finished even when the client goes away.",
		request: reflect.TypeFor[ApplyRequest](), response: reflect.TypeFor[Result](), stream: reflect.TypeFor[Event](),
		timeout: applyTimeout, serve: (*server).apply,
	})
}

// read is a question without a body.
func read[T any](path, id, summary string, ask func(context.Context, Backend, *http.Request) (T, error)) route {
	return route{
		method: http.MethodGet, path: path, id: id, summary: summary, response: reflect.TypeFor[T](), timeout: readTimeout,
		serve: func(s *server, w http.ResponseWriter, r *http.Request) error {
			v, err := ask(r.Context(), s.backend, r)
			if err != nil {
				return err
			}
			return reply(w, http.StatusOK, v)
		},
	}
}

// write is a request with a body; ask is a method of Backend.
func write[Q, T any](path, id, summary string, timeout time.Duration, ask func(Backend, context.Context, Q) (T, error)) route {
	return route{
		method: http.MethodPost, path: path, id: id, summary: summary, timeout: timeout,
		request: reflect.TypeFor[Q](), response: reflect.TypeFor[T](),
		serve: func(s *server, w http.ResponseWriter, r *http.Request) error {
			var req Q
			if err := decode(w, r, &req); err != nil {
				return err
			}
			v, err := ask(s.backend, r.Context(), req)
			if err != nil {
				return err
			}
			return reply(w, http.StatusOK, v)
		},
	}
}
