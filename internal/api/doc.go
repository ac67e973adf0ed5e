// Package api is the daemon's local interface: HTTP and JSON on a unix socket.
// It has wire types of its own, so that a client needs none of the daemon's
// code. NewServer serves a Backend, and Client is a Backend that asks a server.
package api

import (
	"context"
	"encoding/json"
)

// Backend is what the daemon can be asked. Every call may block until ctx ends
// and is safe for concurrent use. Errors that a client shall tell apart are
// *Error; any other error becomes CodeFailed.
type Backend interface {
	// Version tells which build answers.
	Version(ctx context.Context) (Version, error)
	// Status returns the host as the newest pass saw it.
	Status(ctx context.Context) (Status, error)
	// Facts returns what a plan depends on, in the form that `plan --facts` reads.
	Facts(ctx context.Context) (json.RawMessage, error)
	// Plan changes nothing. A plan that findings refuse is no error.
	Plan(ctx context.Context, req PlanRequest) (Plan, error)
	// Apply performs the plan. It calls progress, one call at a time and never
	// after it returned, with what it does in the operator's words. What OVS
	// did not do is in the Result and no error; a plan that findings or the
	// request refuse is CodeConflict with these findings as Details.
	Apply(ctx context.Context, req ApplyRequest, progress func(string)) (Result, error)
	// Adopt describes the running host as a profile and marks what it names as owned.
	Adopt(ctx context.Context, req AdoptRequest) (AdoptResult, error)
	// Release drops ownership and puts back the values that take-overs replaced.
	Release(ctx context.Context, req ReleaseRequest) (ReleaseResult, error)
	// AcceptStore follows another store than the one that the laid flows are of, on the
	// operator's word. Where none waits it changes nothing.
	AcceptStore(ctx context.Context, req AcceptStoreRequest) (AcceptStoreResult, error)
	// Ports returns every port, ascending by name.
	Ports(ctx context.Context) ([]Port, error)
	// Port returns one port, or CodeNotFound.
	Port(ctx context.Context, name string) (Port, error)
	// Explain says why a port does or does not pass packets, or CodeNotFound.
	Explain(ctx context.Context, name string) (Explanation, error)
	// Flows calls each with the flows of the integration bridge and those it lacks,
	// table by table, in no order within one, from the calling goroutine. An error of
	// each ends it and is returned. CodeNotFound where nothing has the object's name,
	// CodeConflict where this host has no part in the logical network.
	Flows(ctx context.Context, req FlowsRequest, each func(Flow) error) (FlowsEnd, error)
	// ExplainFlow says what a cookie, "0x…" or decimal, stands for.
	ExplainFlow(ctx context.Context, cookie string) (FlowExplanation, error)
	// Tunnels returns this host's ways to all others, ascending by host.
	Tunnels(ctx context.Context) ([]Tunnel, error)
	// Tunnel returns the way to one host, by its name, system-id or tunnel address, or
	// CodeNotFound.
	Tunnel(ctx context.Context, peer string) (Tunnel, error)
	// Trace sends no packet: it asks the switch what it would do.
	Trace(ctx context.Context, req TraceRequest) (Trace, error)
	// Talkers returns the flows with the most bytes of the last minutes. Where none are
	// collected, Problem says why.
	Talkers(ctx context.Context, req TalkersRequest) (Talkers, error)
}
