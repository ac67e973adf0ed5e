package bench

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLimitAllows(t *testing.T) {
	for _, tt := range []struct {
		relation Relation
		want     [3]bool // of 1, 2 and 3, the limit being 2
	}{
		{AtMost, [3]bool{true, true, false}},
		{Below, [3]bool{true, false, false}},
		{AtLeast, [3]bool{false, true, true}},
		{Above, [3]bool{false, false, true}},
		{"about", [3]bool{}},
	} {
		var got [3]bool
		for i := range got {
			got[i] = Limit{tt.relation, 2}.Allows(float64(i + 1))
		}
		if got != tt.want {
			t.Errorf("%s 2: %v of 1, 2, 3, want %v", tt.relation, got, tt.want)
		}
	}
}

func TestBarJudge(t *testing.T) {
	sides := func(ours, theirs []float64) Result {
		return Result{Sides: []SideResult{
			{Name: "ours", Samples: map[string][]float64{"time": ours}},
			{Name: "theirs", Samples: map[string][]float64{"time": theirs}},
			{Name: "absent", Missing: "it is not installed"},
		}}
	}
	ratio := Bar{Metric: "time", Of: "ours", Against: "theirs", Limit: Limit{AtMost, 1.3}}
	number := Bar{Metric: "time", Of: "ours", Limit: Limit{Below, 20}}
	with := func(b Bar, change func(*Bar)) Bar { change(&b); return b }
	for _, tt := range []struct {
		name   string
		bar    Bar
		result Result
		want   Verdict
	}{
		{"met", ratio, sides([]float64{1, 1.2}, []float64{1, 1}), Verdict{State: Met, Summary: Summary{2, 1.1, 1, 1.2}}},
		{"not met", ratio, sides([]float64{2, 2}, []float64{1, 1}), Verdict{State: NotMet, Summary: Summary{2, 2, 2, 2}}},
		{"met by the median, but straddling", ratio, sides([]float64{1, 1, 4}, []float64{1, 1, 1}), Verdict{State: Met, Summary: Summary{3, 1, 1, 4}, Straddles: true}},
		{"by the worst", with(ratio, func(b *Bar) { b.Judged = ByWorst }), sides([]float64{1, 1, 4}, []float64{1, 1, 1}), Verdict{State: NotMet, Summary: Summary{3, 1, 1, 4}, Straddles: true}},
		{"at least, by the worst", Bar{Metric: "time", Of: "ours", Limit: Limit{AtLeast, 5}, Judged: ByWorst}, sides([]float64{4, 9, 9}, nil), Verdict{State: NotMet, Summary: Summary{3, 9, 4, 9}, Straddles: true}},
		{"a number", number, sides([]float64{19.9}, nil), Verdict{State: Met, Summary: Summary{1, 19.9, 19.9, 19.9}}},
		{"on the limit", number, sides([]float64{20}, nil), Verdict{State: NotMet, Summary: Summary{1, 20, 20, 20}}},
		{"a peer that is not there", with(ratio, func(b *Bar) { b.Against = "absent" }), sides([]float64{1}, nil), Verdict{State: NotMeasured, Why: "it is not installed"}},
		{"no samples", ratio, sides(nil, nil), Verdict{State: NotMeasured, Why: "no samples"}},
		{"a failed run is no measurement", number, func() Result { r := sides([]float64{1}, nil); r.Failed = "boom"; return r }(), Verdict{State: NotMeasured, Why: "the run failed: boom"}},
		{"a machine that cannot", number, Result{Missing: []string{"root", "hugepages"}}, Verdict{State: NotMeasured, Why: "this machine lacks root; hugepages"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.bar.Judge(tt.result)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestResultState(t *testing.T) {
	for _, tt := range []struct {
		states []State
		want   State
	}{
		{[]State{Met, Met}, Met},
		{[]State{Met, NotMeasured}, NotMeasured},
		{[]State{NotMet, NotMeasured, Met}, NotMet},
		{[]State{NotMeasured, NotMet}, NotMet},
	} {
		var r Result
		for _, s := range tt.states {
			r.Verdicts = append(r.Verdicts, Verdict{State: s})
		}
		if got := r.State(); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.states, got, tt.want)
		}
	}
}

// Every scenario describes itself whole, under a name of its own.
func TestScenarios(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Scenarios() {
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
		if seen[s.Name] || strings.ContainsAny(s.Name, " /.") || strings.ToLower(s.Name) != s.Name {
			t.Errorf("name %q", s.Name)
		}
		seen[s.Name] = true
	}
}

func TestValidateRefuses(t *testing.T) {
	good := fake(nil)
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Scenario){
		`no metric "speed"`: func(s *Scenario) { s.Bars = []Bar{{Text: "b", Metric: "speed", Of: "a", Limit: Limit{AtMost, 1}}} },
		`no side "c"`: func(s *Scenario) {
			s.Bars = []Bar{{Text: "b", Metric: "time", Of: "a", Against: "c", Limit: Limit{AtMost, 1}}}
		},
		`no side ""`:              func(s *Scenario) { s.Bars = []Bar{{Text: "b", Metric: "time", Limit: Limit{AtMost, 1}}} },
		`unknown relation ""`:     func(s *Scenario) { s.Bars[0].Limit.Relation = "" },
		"name, title, method and": func(s *Scenario) { s.Method = "" },
		"metrics and sides are":   func(s *Scenario) { s.Sides = nil },
		"repeats: 0 to 0":         func(s *Scenario) { s.Repeats = Repeats{} },
		"nothing to prepare":      func(s *Scenario) { s.Prepare = nil },
	} {
		s := fake(nil)
		spoil(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
