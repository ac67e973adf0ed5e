package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A server scrapes what it is told to, evaluates rules, answers, and is gone
// with its data when it is closed.
func TestPrometheus(t *testing.T) {
	Require(t, MissingPrometheus()...)
	h := New(t, Options{DBOnly: true})
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "# TYPE packets_total counter\npackets_total{port=\"vm1\"} 42\n")
	}))
	defer target.Close()
	p, err := h.StartPrometheus(t.Context(), PrometheusOptions{
		Target: strings.TrimPrefix(target.URL, "http://"),
		Rules:  map[string][]byte{"r.yaml": []byte(`{groups: [{name: g, rules: [{record: "doubled:packets", expr: "packets_total * 2"}]}]}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = Until(ctx, "the rule has a value", func(ctx context.Context) error {
		samples, err := p.Query(ctx, `sum by (port) (doubled:packets{job="sluice"})`)
		if err == nil && len(samples) == 0 {
			err = errors.New("none")
		}
		if len(samples) > 0 {
			if diff := cmp.Diff([]Sample{{Labels: map[string]string{"port": "vm1"}, Value: 84}}, samples); diff != "" {
				t.Error(diff)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := p.Rules(t.Context())
	if want := []Rule{{Name: "doubled:packets", Query: "packets_total * 2", Type: "recording", Health: "ok"}}; err != nil || !cmp.Equal(want, rules) {
		t.Errorf("rules %+v, %v", rules, err)
	}
	if scalar, err := p.Query(t.Context(), "scalar(vector(3))"); err != nil || len(scalar) != 1 || scalar[0].Value != 3 {
		t.Errorf("%v %v", scalar, err)
	}
	if _, err := p.Query(t.Context(), "sum("); err == nil || !strings.Contains(err.Error(), "parse error") {
		t.Errorf("a wrong expression: %v", err)
	}
	pid := p.cmd.Process.Pid
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("process %d after Close: %v", pid, err)
	}
}

// Inside the host it reaches what is there, and the test reaches it.
func TestPrometheusInside(t *testing.T) {
	Require(t, MissingPrometheus()...)
	h := New(t, Options{DBOnly: true})
	p, err := h.StartPrometheus(t.Context(), PrometheusOptions{Target: "127.0.0.1:9090", Inside: true, Listen: "127.0.0.1:9090"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = Until(ctx, "it has scraped itself", func(ctx context.Context) error {
		samples, err := p.Query(ctx, "prometheus_build_info")
		if err == nil && len(samples) != 1 {
			err = fmt.Errorf("%v", samples)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What cannot start tells why.
func TestPrometheusRefuses(t *testing.T) {
	Require(t, MissingPrometheus()...)
	h := New(t, Options{DBOnly: true})
	_, err := h.StartPrometheus(t.Context(), PrometheusOptions{Target: "127.0.0.1:1", Rules: map[string][]byte{"r.yaml": []byte("groups: 7")}})
	if err == nil || !strings.Contains(err.Error(), "r.yaml") {
		t.Errorf("rules that are none: %v", err)
	}
}

func TestParseSamples(t *testing.T) {
	for _, tt := range []struct {
		data string
		want []Sample
		err  string
	}{
		{`{"resultType":"vector","result":[]}`, []Sample{}, ""},
		{`{"resultType":"vector","result":[{"metric":{"core":"1"},"value":[1700000000.1,"0.5"]}]}`, []Sample{{Labels: map[string]string{"core": "1"}, Value: 0.5}}, ""},
		{`{"resultType":"scalar","result":[1700000000.1,"3"]}`, []Sample{{Value: 3}}, ""},
		{`{"resultType":"matrix","result":[]}`, nil, `a result of type "matrix"`},
		{`{"resultType":"vector","result":[{"metric":{},"value":[1]}]}`, nil, "value <nil>"},
		{`[]`, nil, "cannot unmarshal"},
	} {
		got, err := parseSamples([]byte(tt.data))
		if !cmp.Equal(tt.want, got) || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %+v %v", tt.data, got, err)
		}
	}
}
