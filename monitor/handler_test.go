package monitor

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/internal/golden"
)

func get(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w
}

func TestHandler(t *testing.T) {
	registry, err := NewRegistry(NewRecorder(Build{Version: "v1.2.3"}))
	if err != nil {
		t.Fatal(err)
	}
	ready := errors.New("the switch has not answered yet")
	h := NewHandler(HandlerOptions{Registry: registry, Ready: func() error { return ready }})
	for _, tt := range []struct {
		method, path string
		code         int
		body         string // contained
	}{
		{"GET", "/-/healthy", 200, "healthy\n"},
		{"GET", "/-/ready", 503, "not ready: the switch has not answered yet\n"},
		{"GET", "/metrics", 200, `sluice_build_info{goversion="",revision="",version="v1.2.3"} 1`},
		{"GET", "/metrics", 200, "go_goroutines"},
		{"GET", "/metrics", 200, "process_open_fds"},
		{"GET", "/metrics", 200, "promhttp_metric_handler_errors_total"},
		{"HEAD", "/metrics", 200, ""},
		{"POST", "/metrics", 405, ""},
		{"GET", "/metrics/x", 404, ""},
		{"GET", "/debug/pprof/", 404, ""},
		{"DELETE", "/", 405, ""},
	} {
		w := get(t, h, tt.method, tt.path)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.body) {
			t.Errorf("%s %s: %d, want %d with %q:\n%.500s", tt.method, tt.path, w.Code, tt.code, tt.body, w.Body)
		}
	}
	ready = nil
	if w := get(t, h, "GET", "/-/ready"); w.Code != 200 || w.Body.String() != "ready\n" {
		t.Errorf("ready: %d %s", w.Code, w.Body)
	}
}

// TestDuplicate: two samples of one name cost that series, not the scrape.
func TestDuplicate(t *testing.T) {
	s := Snapshot{Interfaces: []InterfaceSample{
		{Interface: "g0", LinkUp: ptr(true)},
		{Interface: "g0", LinkUp: ptr(false)},
		{Interface: "g1", LinkUp: ptr(true)},
	}}
	registry, err := NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	collector := NewCollector(t.Context(), fixed{snapshot: s}, Options{Now: time.Now})
	h := NewHandler(HandlerOptions{Registry: registry, Collector: collector, Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := get(t, h, "GET", "/metrics")
	if !strings.Contains(w.Body.String(), `ovs_interface_link_up{bridge="",interface="g1"} 1`) || w.Code != 200 {
		t.Errorf("%d, the rest is not served:\n%.800s", w.Code, w.Body)
	}
	if n := strings.Count(w.Body.String(), `ovs_interface_link_up{bridge="",interface="g0"}`); n != 1 {
		t.Errorf("the series is shown %d times", n)
	}
	if !strings.Contains(log.String(), "metrics left out of a scrape") {
		t.Errorf("not logged: %s", &log)
	}
	if !strings.Contains(get(t, h, "GET", "/metrics").Body.String(), `promhttp_metric_handler_errors_total{cause="gathering"} 1`) {
		t.Error("not counted")
	}
}

func TestStatusPage(t *testing.T) {
	registry, err := NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	h := NewHandler(HandlerOptions{
		Registry: registry,
		Ready:    func() error { return errors.New("waiting for <ovsdb>") },
		Status: func() []StatusLine {
			return []StatusLine{
				{Name: "Version", Value: "v1.2.3"},
				{Name: "Pending", Value: "2 changes\n<script>alert(1)</script>", Bad: true},
			}
		},
	})
	w := get(t, h, "GET", "/")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	golden.Check(t, "testdata/status.html", w.Body.String())
}

// TestServe: it answers, and ends when its context does.
func TestServe(t *testing.T) {
	registry, err := NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() {
		served <- Serve(ctx, l, NewHandler(HandlerOptions{Registry: registry}), slog.New(slog.DiscardHandler))
	}()
	r, err := http.Get("http://" + l.Addr().String() + "/-/healthy")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || string(body) != "healthy\n" {
		t.Errorf("%s %v", body, err)
	}
	_ = r.Body.Close()
	end()
	if err := <-served; err != nil {
		t.Errorf("end: %v", err)
	}
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		_ = c.Close()
		t.Error("still listening")
	}
}

// TestServeOnAClosedListener: that it cannot serve is an error, not silence.
func TestServeOnAClosedListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if err := Serve(t.Context(), l, http.NotFoundHandler(), slog.New(slog.DiscardHandler)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

// TestTLS: with a client CA only clients with a certificate of it are served.
func TestTLS(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	cert, key := ca.issue(t, "server")
	for name, tt := range map[string]struct {
		clientCA []byte
		client   *authority // who signed the client's certificate; nil = none
		served   bool
	}{
		"no client CA, no certificate": {nil, nil, true},
		"right certificate":            {ca.pem, ca, true},
		"no certificate":               {ca.pem, nil, false},
		"certificate of a stranger":    {ca.pem, stranger, false},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := TLSConfig(cert, key, tt.clientCA)
			if err != nil {
				t.Fatal(err)
			}
			host := hostRegistry(t, fixed{}, time.Unix(0, 0))
			server := httptest.NewUnstartedServer(NewHandler(HandlerOptions{Registry: host.registry, Collector: host.collector}))
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
			server.TLS = config
			server.StartTLS()
			defer server.Close()
			client := &tls.Config{RootCAs: ca.pool(), ServerName: "server"}
			if tt.client != nil {
				pair, err := tls.X509KeyPair(tt.client.issue(t, "client"))
				if err != nil {
					t.Fatal(err)
				}
				client.Certificates = []tls.Certificate{pair}
			}
			transport := &http.Transport{TLSClientConfig: client}
			defer transport.CloseIdleConnections()
			r, err := (&http.Client{Transport: transport}).Get(server.URL + "/-/healthy")
			if err == nil {
				_ = r.Body.Close()
			}
			if served := err == nil && r.StatusCode == 200; served != tt.served {
				t.Errorf("served %v, want %v: %v", served, tt.served, err)
			}
		})
	}
}

func TestTLSConfigRefuses(t *testing.T) {
	ca := newAuthority(t)
	cert, key := ca.issue(t, "server")
	for name, tt := range map[string]struct {
		cert, key, ca []byte
		want          string
	}{
		"no certificate":   {nil, key, nil, "metrics certificate: "},
		"key for another":  {cert, second(ca.issue(t, "other")), nil, "metrics certificate: "},
		"CA that is a key": {cert, key, key, "metrics client CA: no certificate in the file"},
	} {
		if _, err := TLSConfig(tt.cert, tt.key, tt.ca); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

func second(_, b []byte) []byte { return b }
