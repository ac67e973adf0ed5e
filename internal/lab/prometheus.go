package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// PrometheusOptions describe a Prometheus server beside a host.
type PrometheusOptions struct {
	// Target is what it scrapes, "address:port", as seen from the namespace it runs
	// in; required. Its job is called "sluice".
	Target string
	// Inside puts it into the host's network namespace; else it is in that of this
	// process, for others on the machine to reach.
	Inside bool
	// Every is the time between two scrapes, and between two evaluations of rules;
	// 0 means a second.
	Every time.Duration
	// Listen is the address it should serve at, if that is free; empty or taken
	// means any port of 127.0.0.1.
	Listen string
	// Rules are the files of its rules, by name.
	Rules map[string][]byte
}

// Prometheus is a running server. It is ended like all commands of the host, and
// its data are in the host's directory. Its methods may be called concurrently.
type Prometheus struct {
	// URL is where it serves, "http://127.0.0.1:9090".
	URL    string
	client *http.Client
	cmd    *Cmd
}

// MissingPrometheus lists what this machine lacks to run Prometheus.
func MissingPrometheus() []string {
	if _, err := exec.LookPath("prometheus"); err != nil {
		return []string{"package prometheus (prometheus)"}
	}
	return nil
}

// StartPrometheus starts a server and returns when it is ready to answer, which
// is before its first scrape.
func (h *Host) StartPrometheus(ctx context.Context, o PrometheusOptions) (*Prometheus, error) {
	p, err := h.startPrometheus(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start prometheus: %w", err)
	}
	return p, nil
}

func (h *Host) startPrometheus(ctx context.Context, o PrometheusOptions) (*Prometheus, error) {
	dir, err := os.MkdirTemp(h.dir, "prometheus-")
	if err != nil {
		return nil, err
	}
	config, err := o.write(dir)
	if err != nil {
		return nil, err
	}
	var address string
	place, in := h.Outside, func(f func() error) error { return f() }
	if o.Inside {
		place, in = h.Command, h.Do
	}
	err = in(func() (err error) { address, err = freeTCP(ctx, o.Listen); return err })
	if err != nil {
		return nil, err
	}
	// A connection is of the namespace of the thread that makes it.
	dial := func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		var dialer net.Dialer
		err = in(func() (err error) { conn, err = dialer.DialContext(ctx, network, address); return err })
		return conn, err
	}
	p := &Prometheus{URL: "http://" + address, client: &http.Client{Transport: &http.Transport{DialContext: dial}}}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	// Not bound to ctx, which is for the start: Close ends it.
	p.cmd = place(context.WithoutCancel(ctx), "prometheus", "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--storage.tsdb.retention.size=128MB", "--web.listen-address="+address, "--log.level=warn")
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, log, log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	// Ends with the process, for done to tell.
	go func() { _ = p.cmd.Wait() }()
	// Whoever waits without end would hang with it.
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	err = Until(ctx, "prometheus is ready", func(ctx context.Context) error {
		select {
		case <-p.cmd.done:
			return nil
		default:
		}
		_, err := p.get(ctx, "/-/ready", nil)
		return err
	})
	select {
	case <-p.cmd.done:
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("it ended: %s", lastLines(string(text), 5))
	default:
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// write writes the configuration and the rules, and returns the path of the former.
func (o *PrometheusOptions) write(dir string) (string, error) {
	every := o.Every
	if every == 0 {
		every = time.Second
	}
	// As JSON, which is YAML too.
	type object = map[string]any
	text, err := json.Marshal(object{
		"global":     object{"scrape_interval": every.String(), "scrape_timeout": every.String(), "evaluation_interval": every.String()},
		"rule_files": []string{"rules/*"},
		"scrape_configs": []object{{
			"job_name": "sluice", "static_configs": []object{{"targets": []string{o.Target}}},
		}},
	})
	if err != nil {
		return "", err
	}
	rules := filepath.Join(dir, "rules")
	if err := os.Mkdir(rules, 0o755); err != nil {
		return "", err
	}
	for name, text := range o.Rules {
		if err := os.WriteFile(filepath.Join(rules, filepath.Base(name)), text, 0o644); err != nil {
			return "", err
		}
	}
	config := filepath.Join(dir, "prometheus.yaml")
	return config, os.WriteFile(config, text, 0o644)
}

// freeTCP returns wanted if nobody listens there, else a free address of 127.0.0.1.
func freeTCP(ctx context.Context, wanted string) (string, error) {
	var lc net.ListenConfig
	for _, address := range []string{wanted, "127.0.0.1:0"} {
		if address == "" {
			continue
		}
		if l, err := lc.Listen(ctx, "tcp", address); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", errors.New("no free TCP port on 127.0.0.1")
}

// Close ends the server and returns when it is gone.
func (p *Prometheus) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout) //nolint:forbidigo // closing has to end also when the caller has ended
	defer cancel()
	p.client.CloseIdleConnections()
	return p.cmd.Stop(ctx)
}
