// Package boards holds what Sluice's Grafana dashboards show, as Go values, and
// builds their JSON from it. Its tests hold the dashboards, the recording rules
// and the alerts to the table of metrics: every expression parses, uses metrics
// and labels that exist, and counters as counters.
//
// It is a module of its own, so that the parser of PromQL and the dashboard
// builders stay out of the product's dependencies.
package boards

//go:generate go test -run ^TestCommitted$ -update .
