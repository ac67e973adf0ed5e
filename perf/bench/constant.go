package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sluice-nfv/sluice/internal/lab"
)

// constant is a collector of series that never change, made beforehand: what
// client_golang needs to show them is the least that showing them can cost with it.
type constant struct {
	descs   []*prometheus.Desc
	metrics []prometheus.Metric
}

// constantOf takes the series of an exposition (Prometheus's text format 0.0.4, as
// client_golang prints it), with their names, labels and values.
func constantOf(s scraped) (*constant, error) {
	c, help := &constant{}, map[string]string{}
	for line := range strings.Lines(s.text) {
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, text, _ := strings.Cut(strings.TrimSpace(rest), " ")
			help[name] = text
		}
	}
	descs := map[string]*prometheus.Desc{}
	for _, line := range s.samples() {
		name, labels, values, value, err := parseSample(line)
		if err != nil {
			return nil, fmt.Errorf("sample %q: %w", line, err)
		}
		key := name + "{" + strings.Join(labels, ",")
		if descs[key] == nil {
			descs[key] = prometheus.NewDesc(name, help[name], labels, nil)
			c.descs = append(c.descs, descs[key])
		}
		m, err := prometheus.NewConstMetric(descs[key], prometheus.UntypedValue, value, values...)
		if err != nil {
			return nil, fmt.Errorf("sample %q: %w", line, err)
		}
		c.metrics = append(c.metrics, m)
	}
	return c, nil
}

// parseSample reads `name{label="value",...} 1`.
func parseSample(line string) (name string, labels, values []string, value float64, err error) {
	i := strings.IndexAny(line, "{ ")
	if i < 0 {
		return "", nil, nil, 0, errors.New("no value")
	}
	name, line = line[:i], line[i:]
	for line[0] == '{' || line[0] == ',' {
		label, rest, ok := strings.Cut(line[1:], `="`)
		end := 0
		for ok && end < len(rest) && rest[end] != '"' {
			if rest[end] == '\\' {
				end++
			}
			end++
		}
		if !ok || end+1 >= len(rest) {
			return "", nil, nil, 0, errors.New("a label without an end")
		}
		labels = append(labels, label)
		values = append(values, strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(rest[:end]))
		line = rest[end+1:]
	}
	value, err = strconv.ParseFloat(strings.TrimSpace(strings.TrimPrefix(line, "}")), 64)
	return name, labels, values, value, err
}

// Describe sends the descriptions.
func (c *constant) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect sends the series.
func (c *constant) Collect(ch chan<- prometheus.Metric) {
	for _, m := range c.metrics {
		ch <- m
	}
}

// serve shows them in the host's network namespace, and returns the address and
// what ends it.
func (c *constant) serve(h *lab.Host) (address string, closer func() error, err error) {
	registry := prometheus.NewRegistry()
	if err := registry.Register(c); err != nil {
		return "", nil, err
	}
	var l net.Listener
	err = h.Do(func() (err error) {
		l, err = net.Listen("tcp", "127.0.0.1:0")
		return err
	})
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	return l.Addr().String(), func() error {
		err := server.Shutdown(context.Background()) //nolint:forbidigo // closing has to end also when the caller has ended
		if serve := <-ended; !errors.Is(serve, http.ErrServerClosed) {
			err = errors.Join(err, serve)
		}
		return err
	}, nil
}
