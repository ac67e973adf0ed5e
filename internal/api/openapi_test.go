package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/golden"
)

func description(t *testing.T) object {
	t.Helper()
	w := do(NewServer(&fake{}, nil), "GET", "/v1/openapi.json", "", "")
	var doc object
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOpenAPIGolden(t *testing.T) {
	w := do(NewServer(&fake{}, nil), "GET", "/v1/openapi.json", "", "")
	golden.Check(t, "testdata/openapi.json", w.Body.String())
}

// Every operation that is described is served, and its answer is as described.
func TestEveryDescribedOperationAnswersAsDescribed(t *testing.T) {
	doc := description(t)
	h := NewServer(&fake{}, nil)
	for path, methods := range doc["paths"].(object) {
		for method, op := range methods.(object) {
			op := op.(object)
			target := strings.ReplaceAll(path, "{name}", "vm1")
			contents := at(op, "responses", "200", "content")
			for _, accept := range slices.Collect(maps.Keys(contents)) {
				w := do(h, strings.ToUpper(method), target, "", accept)
				if w.Code != http.StatusOK || w.Header().Get("Content-Type") != accept {
					t.Errorf("%s %s: %d %s", method, path, w.Code, w.Header().Get("Content-Type"))
					continue
				}
				dec := json.NewDecoder(w.Body)
				for dec.More() {
					var v any
					if err := dec.Decode(&v); err != nil {
						t.Fatal(err)
					}
					if err := conforms(doc, at(contents, accept, "schema"), v); err != nil {
						t.Errorf("%s %s: %v", method, path, err)
					}
				}
			}
		}
	}
}

// Every path that the sources serve is described: read from the source text, so
// that a handler added beside the list of routes is noticed.
func TestEveryServedPathIsDescribed(t *testing.T) {
	paths := description(t)["paths"].(object)
	served := map[string]bool{}
	for _, file := range []string{"server.go", "route.go", "route_network.go", "talkers.go", "stream.go", "serve.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(/v1/[^" ]*)", (?:"|id:)`).FindAllSubmatch(text, -1) {
			served[string(m[1])] = true
		}
	}
	want := slices.Sorted(maps.Keys(paths))
	if got := slices.Sorted(maps.Keys(served)); !slices.Equal(got, want) {
		t.Errorf("served %v\ndescribed %v", got, want)
	}
}

func TestErrorsAreAsDescribed(t *testing.T) {
	doc := description(t)
	e := full[Error]()
	w := do(NewServer(&fake{err: &e}, nil), "GET", "/v1/status", "", "")
	var v any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	if err := conforms(doc, object{"$ref": "#/components/schemas/Error"}, v); err != nil {
		t.Error(err)
	}
}

func TestConformsNotices(t *testing.T) {
	doc := description(t)
	status := object{"$ref": "#/components/schemas/PMD"}
	for text, want := range map[string]string{
		`{"core":1,"numa":0,"isolated":false,"queues":[]}`:            "",
		`{"core":1,"numa":0,"isolated":false}`:                        "queues: missing",
		`{"core":1,"numa":0,"isolated":false,"queues":null}`:          "queues: <nil> is no array",
		`{"core":"1","numa":0,"isolated":false,"queues":[]}`:          "core: 1 is no integer",
		`{"core":1,"numa":0,"isolated":false,"queues":[],"load":1}`:   "load: not described",
		`{"core":1,"numa":0,"isolated":false,"queues":[{"queue":1}]}`: "queues: 0: port: missing",
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := conforms(doc, status, v); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func at(v any, keys ...string) object {
	for _, k := range keys {
		v = v.(object)[k]
	}
	return v.(object)
}

// conforms checks v against the few words of JSON Schema that OpenAPI uses here.
func conforms(doc object, schema object, v any) error {
	if ref, ok := schema["$ref"].(string); ok {
		return conforms(doc, at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...), v)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Errorf("%v is none of %v", v, enum)
	}
	is := false
	switch schema["type"] {
	case nil:
		is = true
	case "string":
		_, is = v.(string)
	case "boolean":
		_, is = v.(bool)
	case "number":
		_, is = v.(float64)
	case "integer":
		n, ok := v.(float64)
		is = ok && n == float64(int64(n))
	case "array":
		list, ok := v.([]any)
		for i, e := range list {
			if err := conforms(doc, schema["items"].(object), e); err != nil {
				return fmt.Errorf("%d: %w", i, err)
			}
		}
		is = ok
	case "object":
		members, ok := v.(object)
		if ok {
			if err := conformMembers(doc, schema, members); err != nil {
				return err
			}
		}
		is = ok
	}
	if !is {
		return fmt.Errorf("%v is no %v", v, schema["type"])
	}
	return nil
}

func conformMembers(doc, schema, members object) error {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := members[name.(string)]; !ok {
			return fmt.Errorf("%v: missing", name)
		}
	}
	properties, _ := schema["properties"].(object)
	rest, _ := schema["additionalProperties"].(object)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		s, ok := properties[name].(object)
		if !ok {
			s = rest
		}
		if s == nil {
			return fmt.Errorf("%s: not described", name)
		}
		if err := conforms(doc, s, members[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
