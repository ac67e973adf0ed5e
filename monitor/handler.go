package monitor

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
)

// NewRegistry returns a registry of the given collectors, of the Go runtime and
// of the process.
func NewRegistry(cs ...prometheus.Collector) (*prometheus.Registry, error) {
	registry := prometheus.NewRegistry()
	cs = append(cs, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, c := range cs {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return registry, nil
}

// HandlerOptions are what the HTTP side shows.
type HandlerOptions struct {
	// Registry is what /metrics serves. The handler adds metrics of its own to it.
	Registry *prometheus.Registry
	// Collector is what /metrics serves beside, of the switch; nil = nothing. No name
	// may be in both.
	Collector *Collector
	// Ready returns why the daemon is not ready, or nil; nil means always ready.
	// It must not block.
	Ready func() error
	// Status returns the lines of the status page; nil means none. It must not
	// block.
	Status func() []StatusLine
	// Log hears of metrics that could not be shown; nil discards.
	Log *slog.Logger
	// Timeout ends a scrape; 0 = 10 s, which is Prometheus's own.
	Timeout time.Duration
	// MaxScrapes may run at once, more are told to come again; 0 = 8.
	MaxScrapes int
}

// NewHandler serves /metrics, /-/healthy (the process answers), /-/ready (the
// daemon is ready, or 503 with the reason) and a status page at /. A metric
// that cannot be shown is left out, logged and counted; the rest is served.
func NewHandler(o HandlerOptions) http.Handler {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MaxScrapes == 0 {
		o.MaxScrapes = 8
	}
	if o.Ready == nil {
		o.Ready = func() error { return nil }
	}
	if o.Status == nil {
		o.Status = func() []StatusLine { return nil }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	metrics := promhttp.HandlerFor(served{o.Registry, o.Collector}, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		ErrorLog:            scrapeLog{o.Log},
		Registry:            o.Registry,
		MaxRequestsInFlight: o.MaxScrapes,
		Timeout:             o.Timeout,
	})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) {
		text(w, http.StatusOK, "healthy")
	})
	mux.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) {
		if err := o.Ready(); err != nil {
			text(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		text(w, http.StatusOK, "ready")
	})
	mux.Handle("GET /{$}", newPage(o))
	return mux
}

// served is a registry and a collector as one.
type served struct {
	registry  *prometheus.Registry
	collector *Collector // nil = none
}

// Gather gathers both.
func (s served) Gather() ([]*dto.MetricFamily, error) {
	families, err := s.registry.Gather()
	if s.collector == nil {
		return families, err
	}
	more, err2 := s.collector.Gather()
	return merged(families, more), errors.Join(err, err2)
}

func text(w http.ResponseWriter, code int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	fmt.Fprintln(w, line)
}

// scrapeLog gives promhttp's errors to slog.
type scrapeLog struct{ log *slog.Logger }

// Println logs one error of a scrape.
func (l scrapeLog) Println(v ...any) {
	l.log.Warn("metrics left out of a scrape", "error", fmt.Sprint(v...))
}
