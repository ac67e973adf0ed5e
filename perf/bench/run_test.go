package bench

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeRig answers with scripted samples and writes down who was asked.
type fakeRig struct {
	times  map[string][]float64 // the warm-up first; the last one again and again
	asked  []string
	closed int
	fail   error
}

func (f *fakeRig) measure(side string) func(context.Context) (Sample, error) {
	return func(context.Context) (Sample, error) {
		f.asked = append(f.asked, side)
		if f.fail != nil && len(f.asked) > 4 {
			return nil, f.fail
		}
		next := f.times[side][0]
		if len(f.times[side]) > 1 {
			f.times[side] = f.times[side][1:]
		}
		return Sample{"time": next}, nil
	}
}

func fake(f *fakeRig) Scenario {
	return Scenario{
		Name: "fake", Title: "a against b", Issue: 2, Method: "Made up.",
		Metrics: []Metric{{"time", Seconds}}, Sides: []string{"a", "b"},
		Bars:    []Bar{{Text: "a at most 1.3 times b", Metric: "time", Of: "a", Against: "b", Limit: Limit{AtMost, 1.3}}},
		Repeats: Repeats{Least: 3, Most: 5, Budget: time.Hour},
		Prepare: func(context.Context, Env) (Rig, error) {
			return Rig{
				Measure: map[string]func(context.Context) (Sample, error){"a": f.measure("a"), "b": f.measure("b")},
				Close:   func() error { f.closed++; return nil },
			}, nil
		},
	}
}

func env() Env { return Env{Progress: func(string) {}} }

func TestRunTakesTurns(t *testing.T) {
	f := &fakeRig{times: map[string][]float64{"a": {9, 1, 1.1, 1.2}, "b": {9, 1}}}
	r, err := Run(t.Context(), fake(f), env())
	if err != nil {
		t.Fatal(err)
	}
	// A warm-up each, then three pairs, each begun by the other side.
	if got := strings.Join(f.asked, ""); got != "ab"+"ab"+"ba"+"ab" {
		t.Errorf("asked %s", got)
	}
	want := []SideResult{
		{Name: "a", Samples: map[string][]float64{"time": {1, 1.1, 1.2}}},
		{Name: "b", Samples: map[string][]float64{"time": {1, 1, 1}}},
	}
	if diff := cmp.Diff(want, r.Sides); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]Verdict{{State: Met, Summary: Summary{3, 1.1, 1, 1.2}}}, r.Verdicts); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if f.closed != 1 {
		t.Errorf("closed %d times", f.closed)
	}
}

// While a spread straddles the bar there are more pairs, up to the most.
func TestRunRepeatsWhileStraddling(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Scenario, *Env)
		pairs  int
	}{
		{"up to the most", func(*Scenario, *Env) {}, 5},
		{"not in a quick run", func(_ *Scenario, e *Env) { e.Quick = true }, 3},
		{"not without budget", func(s *Scenario, _ *Env) { s.Repeats.Budget = 0 }, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeRig{times: map[string][]float64{"a": {1, 1, 1.5}, "b": {1}}}
			s, e := fake(f), env()
			tt.change(&s, &e)
			r, err := Run(t.Context(), s, e)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(r.Sides[0].Samples["time"]); n != tt.pairs {
				t.Errorf("%d pairs, want %d", n, tt.pairs)
			}
			if v := r.Verdicts[0]; v.State != NotMet || !v.Straddles {
				t.Errorf("verdict %+v", v)
			}
		})
	}
}

func TestRunLeavesOutWhoIsNotThere(t *testing.T) {
	f := &fakeRig{times: map[string][]float64{"a": {1}}}
	s := fake(f)
	prepare := s.Prepare
	s.Prepare = func(ctx context.Context, e Env) (Rig, error) {
		rig, err := prepare(ctx, e)
		rig.Missing = map[string]string{"b": "b is not installed"}
		return rig, err
	}
	r, err := Run(t.Context(), s, env())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.Join(f.asked, ""), "b") {
		t.Errorf("asked %v", f.asked)
	}
	if v := r.Verdicts[0]; v.State != NotMeasured || v.Why != "b is not installed" {
		t.Errorf("verdict %+v", v)
	}
}

func TestRunOnAMachineThatCannot(t *testing.T) {
	s := fake(nil)
	s.Missing = func(Env) []string { return []string{"hugepages"} }
	r, err := Run(t.Context(), s, env())
	if err != nil || r.State() != NotMeasured || r.Verdicts[0].Why != "this machine lacks hugepages" {
		t.Errorf("%v, %+v", err, r.Verdicts)
	}
}

// Whatever goes wrong, what was prepared is undone, and no bar counts as measured.
func TestRunCleansUp(t *testing.T) {
	boom := errors.New("boom")
	for _, tt := range []struct {
		name   string
		spoil  func(*fakeRig, *Scenario, context.CancelFunc)
		want   error
		closed int
	}{
		{"a sample fails", func(f *fakeRig, _ *Scenario, _ context.CancelFunc) { f.fail = boom }, boom, 1},
		{"the context ends", func(f *fakeRig, s *Scenario, cancel context.CancelFunc) {
			f.fail = context.Canceled
			s.Repeats.Least = 2
			cancel()
		}, context.Canceled, 1},
		{"preparing fails", func(_ *fakeRig, s *Scenario, _ context.CancelFunc) {
			s.Prepare = func(context.Context, Env) (Rig, error) { return Rig{}, boom }
		}, boom, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			f := &fakeRig{times: map[string][]float64{"a": {1}, "b": {1}}}
			s := fake(f)
			tt.spoil(f, &s, cancel)
			r, err := Run(ctx, s, env())
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if f.closed != tt.closed {
				t.Errorf("closed %d times, want %d", f.closed, tt.closed)
			}
			if r.State() != NotMeasured || r.Failed == "" {
				t.Errorf("state %s, failed %q", r.State(), r.Failed)
			}
		})
	}
}

func TestRunRefusesOddSamples(t *testing.T) {
	for _, sample := range []Sample{{}, {"speed": 1}, {"time": 1, "speed": 1}} {
		s := fake(nil)
		s.Prepare = func(context.Context, Env) (Rig, error) {
			measure := func(context.Context) (Sample, error) { return sample, nil }
			return Rig{Measure: map[string]func(context.Context) (Sample, error){"a": measure, "b": measure}}, nil
		}
		if _, err := Run(t.Context(), s, env()); err == nil {
			t.Errorf("sample %v was taken", sample)
		}
	}
}

func TestSaveAndLoad(t *testing.T) {
	f := &fakeRig{times: map[string][]float64{"a": {1, 2, 3}, "b": {1}}}
	s := fake(f)
	want, err := Run(t.Context(), s, env())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := want.Save(dir); err != nil {
		t.Fatal(err)
	}
	other := s
	other.Name = "never run"
	got, err := Load(dir, []Scenario{other, s})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Result{want}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	path := dir + "/all.json"
	if err := WriteAll(path, got); err != nil {
		t.Fatal(err)
	}
	again, err := ReadAll(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestMerge(t *testing.T) {
	named := func(name string, took time.Duration) Result { return Result{Scenario: name, Took: took} }
	scenarios := []Scenario{{Name: "x"}, {Name: "y"}, {Name: "z"}}
	old := []Result{named("z", 1), named("x", 1), named("gone", 1)}
	got := Merge(scenarios, old, []Result{named("x", 2), named("y", 2)})
	if diff := cmp.Diff([]Result{named("x", 2), named("y", 2), named("z", 1)}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
