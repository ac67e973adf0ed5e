package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func do(h http.Handler, method, path, body, accept string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Accept", accept)
	h.ServeHTTP(w, r)
	return w
}

func TestRefusedRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		code               Code
		message            string
	}{
		"unknown path":    {"GET", "/v1/bridges", "", 404, CodeNotFound, "no such path: /v1/bridges"},
		"root":            {"GET", "/", "", 404, CodeNotFound, "no such path: /"},
		"wrong method":    {"GET", "/v1/apply", "", 405, CodeUsage, "/v1/apply takes POST, not GET"},
		"put":             {"PUT", "/v1/ports/vm1", "", 405, CodeUsage, "/v1/ports/vm1 takes GET, not PUT"},
		"unknown member":  {"POST", "/v1/plan", `{"profil":""}`, 400, CodeUsage, `read request body: json: unknown field "profil"`},
		"wrong type":      {"POST", "/v1/apply", `{"atomic":"yes"}`, 400, CodeUsage, "cannot unmarshal string"},
		"not JSON":        {"POST", "/v1/plan", "bridges:\n", 400, CodeUsage, "invalid character 'b'"},
		"cut short":       {"POST", "/v1/plan", `{"name":`, 400, CodeUsage, "unexpected EOF"},
		"two values":      {"POST", "/v1/plan", `{} {}`, 400, CodeUsage, "more than one value"},
		"two MiB":         {"POST", "/v1/plan", `{"profile":"` + strings.Repeat("x", maxBody) + `"}`, 413, CodeUsage, "larger than 2 MiB"},
		"spaces too long": {"POST", "/v1/plan", `{}` + strings.Repeat(" ", maxBody), 413, CodeUsage, "larger than 2 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &fake{}
			w := do(NewServer(b, nil), tt.method, tt.path, tt.body, "")
			var e Error
			if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			if w.Code != tt.status || e.Code != tt.code || !strings.Contains(e.Message, tt.message) {
				t.Errorf("got %d %s %q", w.Code, e.Code, e.Message)
			}
			if len(b.calls) > 0 {
				t.Errorf("the backend was asked: %v", b.calls)
			}
		})
	}
}

func TestBackendErrorsBecomeStatus(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status int
		want   Error
	}{
		"plain":     {errors.New("transact: timed out"), 500, Error{Code: CodeFailed, Message: "transact: timed out"}},
		"not found": {NotFound("no port %q", "x").WithFix("see port list"), 404, Error{Code: CodeNotFound, Message: `no port "x"`, Fix: "see port list"}},
		"wrapped":   {wrap("plan", Conflict("refused")), 409, Error{Code: CodeConflict, Message: "plan: refused"}},
		"usage":     {Usage("line 3: bad"), 400, Error{Code: CodeUsage, Message: "line 3: bad"}},
		"deadline":  {wrap("read", context.DeadlineExceeded), 503, Error{Code: CodeUnavailable, Message: "no answer in time: read: context deadline exceeded"}},
		"details": {
			Conflict("refused").WithDetails([]Finding{{Severity: SeverityError, Code: "memory", What: "512 MiB missing"}}), 409,
			Error{Code: CodeConflict, Message: "refused", Details: []Finding{{Severity: SeverityError, Code: "memory", What: "512 MiB missing"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := do(NewServer(&fake{err: tt.err}, nil), "POST", "/v1/plan", "", "")
			var got Error
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(Error{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func wrap(where string, err error) error { return errors.Join(nil, &wrapped{where, err}) }

type wrapped struct {
	where string
	err   error
}

func (w *wrapped) Error() string { return w.where + ": " + w.err.Error() }
func (w *wrapped) Unwrap() error { return w.err }

func TestPanicIsAnErrorOfOneRequest(t *testing.T) {
	for name, accept := range map[string]string{"whole": "", "followed": ndjson} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			b := &fake{apply: func(_ context.Context, _ ApplyRequest, progress func(string)) (Result, error) {
				progress("begun")
				panic("index out of range")
			}}
			w := do(NewServer(b, slog.New(slog.NewTextHandler(&log, nil))), "POST", "/v1/apply", "{}", accept)
			if !strings.Contains(w.Body.String(), "internal error, see the daemon's log: index out of range") {
				t.Errorf("answer: %s", w.Body)
			}
			if !strings.Contains(log.String(), "panic=\"index out of range\"") {
				t.Errorf("log: %s", log.String())
			}
		})
	}
}

func TestApplyEvents(t *testing.T) {
	result := Result{Made: 2, Plan: Plan{Host: "nfv-01", Converged: true}}
	b := &fake{apply: func(_ context.Context, _ ApplyRequest, progress func(string)) (Result, error) {
		progress("step 1 of 1: <3 changes>")
		return result, nil
	}}
	got := do(NewServer(b, nil), "POST", "/v1/apply", "{}", ndjson).Body.String()
	want := lines(
		`{"progress":"step 1 of 1: <3 changes>"}`,
		`{"result":{"plan":{"host":"nfv-01","findings":[],"steps":[],"refused":false,"converged":true},"made":2,"durationNs":0}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("followed: %s", diff)
	}
	whole := do(NewServer(b, nil), "POST", "/v1/apply", "{}", "").Body.Bytes()
	text, err := Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(whole)); diff != "" {
		t.Errorf("whole: %s", diff)
	}
}

func TestAuditNamesTheCaller(t *testing.T) {
	var log bytes.Buffer
	h := NewServer(&fake{err: Conflict("no")}, slog.New(slog.NewTextHandler(&log, nil)))
	r := httptest.NewRequest("POST", "/v1/release", nil)
	r = r.WithContext(context.WithValue(r.Context(), peerKey{}, peer{uid: 1000, pid: 42}))
	h.ServeHTTP(httptest.NewRecorder(), r)
	do(h, "GET", "/v1/status", "", "")
	if _, line, _ := strings.Cut(log.String(), "level"); line != "=INFO msg=\"api request\" operation=release result=conflict uid=1000 pid=42\n" {
		t.Errorf("log: %s", log.String())
	}
}

func TestProfilesAreServed(t *testing.T) {
	h := NewServer(&fake{}, nil)
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline"} {
		if w := do(h, "GET", path, "", ""); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestMarshalNeverWritesNullLists(t *testing.T) {
	shared := []Bridge{{Name: "br0"}}
	text, err := Marshal(Status{Bridges: shared})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "null") {
		t.Errorf("null in %s", text)
	}
	if shared[0].Ports != nil {
		t.Error("the caller's value was changed")
	}
	if _, err := Marshal(map[string]any{"f": func() {}}); err == nil {
		t.Error("a function was encoded")
	}
}
