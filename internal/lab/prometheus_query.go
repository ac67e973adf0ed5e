package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Sample is one series of an answer.
type Sample struct {
	// Labels are those of the series, its name as __name__.
	Labels map[string]string
	Value  float64 // may be NaN or infinite
}

// Rule is a rule as the server judges it.
type Rule struct {
	Name, Query string
	// Type is "recording" or "alerting".
	Type string
	// Health is "ok", "err" or "unknown" (not evaluated yet).
	Health string
	// LastError says why an evaluation failed; empty = it did not.
	LastError string
	// State of an alert is "inactive", "pending" or "firing"; empty of others.
	State string
}

// Query asks an expression at this moment. A scalar is a sample without labels.
// An expression that Prometheus does not understand is an error with its words.
func (p *Prometheus) Query(ctx context.Context, expr string) ([]Sample, error) {
	data, err := p.get(ctx, "/api/v1/query", url.Values{"query": {expr}})
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	samples, err := parseSamples(data)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	return samples, nil
}

// parseSamples reads the data of an instant query (Prometheus HTTP API v1, the
// same in 2.42 and 3).
func parseSamples(data []byte) ([]Sample, error) {
	var answer struct {
		ResultType string
		Result     json.RawMessage
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, err
	}
	type point [2]any // time, and the value as text
	type series struct {
		Metric map[string]string
		Value  point
	}
	var all []series
	switch answer.ResultType {
	case "vector":
		if err := json.Unmarshal(answer.Result, &all); err != nil {
			return nil, err
		}
	case "scalar":
		all = make([]series, 1)
		if err := json.Unmarshal(answer.Result, &all[0].Value); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("a result of type %q", answer.ResultType)
	}
	samples := make([]Sample, 0, len(all))
	for _, s := range all {
		text, _ := s.Value[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("value %v: %w", s.Value[1], err)
		}
		samples = append(samples, Sample{Labels: s.Metric, Value: value})
	}
	return samples, nil
}

// Rules returns the rules that the server has.
func (p *Prometheus) Rules(ctx context.Context) ([]Rule, error) {
	data, err := p.get(ctx, "/api/v1/rules", nil)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	var answer struct {
		Groups []struct{ Rules []Rule }
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	var all []Rule
	for _, g := range answer.Groups {
		all = append(all, g.Rules...)
	}
	return all, nil
}

// get returns the data of an answer of the API, or an empty one of another page.
func (p *Prometheus) get(ctx context.Context, path string, values url.Values) (json.RawMessage, error) {
	address := p.URL + path
	if len(values) > 0 {
		address += "?" + values.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data  json.RawMessage
		Error string
	}
	if strings.HasPrefix(path, "/api/") {
		if err := json.Unmarshal(text, &answer); err != nil {
			return nil, fmt.Errorf("%s: %w", resp.Status, err)
		}
	}
	switch {
	case answer.Error != "":
		return nil, errors.New(answer.Error)
	case resp.StatusCode != http.StatusOK:
		return nil, errors.New(resp.Status)
	}
	return answer.Data, nil
}
