package bench

import "fmt"

// Relation is how a measured number must stand to a bar's value.
type Relation string

// The relations.
const (
	AtMost  Relation = "at most"
	Below   Relation = "below"
	AtLeast Relation = "at least"
	Above   Relation = "above"
)

// Limit is a relation to a value: a ratio, or a number in the metric's unit.
type Limit struct {
	Relation Relation `json:"relation"`
	Value    float64  `json:"value"`
}

// Allows tells whether x is within the limit.
func (l Limit) Allows(x float64) bool {
	switch l.Relation {
	case AtMost:
		return x <= l.Value
	case Below:
		return x < l.Value
	case AtLeast:
		return x >= l.Value
	case Above:
		return x > l.Value
	}
	return false
}

// Judged is which of a summary's numbers a bar looks at.
type Judged string

// What is judged.
const (
	ByMedian Judged = "median" // one odd sample does not matter
	ByWorst  Judged = "worst"  // every sample must be within the limit
)

// Bar is what an issue demands of a scenario.
type Bar struct {
	// Text is the demand in its own words.
	Text string `json:"text"`
	// Metric is the name of one of the scenario's metrics.
	Metric string `json:"metric"`
	// Of is the side that is judged. Against, unless empty, is the one it is
	// compared with: then the limit is on the ratio, else on the number.
	Of      string `json:"of"`
	Against string `json:"against,omitempty"`
	// Beside, unless empty, is a side that is shown beside it and held against
	// nothing.
	Beside string `json:"beside,omitempty"`
	Limit  Limit  `json:"limit"`
	// Judged is ByMedian where it is empty.
	Judged Judged `json:"judged,omitempty"`
}

// State is how a bar stands.
type State string

// The states. A bar whose side was not there is not measured, never met.
const (
	Met         State = "met"
	NotMet      State = "not met"
	NotMeasured State = "not measured"
)

// Verdict is how a bar stands after a run.
type Verdict struct {
	State State `json:"state"`
	// Why says what kept a bar from being measured.
	Why string `json:"why,omitempty"`
	// Summary is of the ratios or of the samples, as the bar has it.
	Summary Summary `json:"-"`
	// Straddles: some pairs are within the limit and some beyond.
	Straddles bool `json:"straddles,omitempty"`
}

// Judge returns the verdict on a result's samples.
func (b Bar) Judge(r Result) Verdict {
	of, why := r.samples(b.Of, b.Metric)
	if why == "" && b.Against != "" {
		var against []float64
		against, why = r.samples(b.Against, b.Metric)
		of = Ratios(of, against)
	}
	if why == "" && len(of) == 0 {
		why = "no samples"
	}
	if why != "" {
		return Verdict{State: NotMeasured, Why: why}
	}
	v := Verdict{State: NotMet, Summary: Summarize(of)}
	v.Straddles = b.Limit.Allows(v.Summary.Min) != b.Limit.Allows(v.Summary.Max)
	if b.Limit.Allows(b.judged(v.Summary)) {
		v.State = Met
	}
	return v
}

// judged returns the number that the limit is held against.
func (b Bar) judged(s Summary) float64 {
	switch {
	case b.Judged != ByWorst:
		return s.Median
	case b.Limit.Relation == AtLeast || b.Limit.Relation == Above:
		return s.Min
	default:
		return s.Max
	}
}

// validate says what is wrong with a bar of this scenario.
func (b Bar) validate(s Scenario) error {
	if _, ok := s.metric(b.Metric); !ok {
		return fmt.Errorf("bar %q: no metric %q", b.Text, b.Metric)
	}
	for _, side := range []string{b.Of, b.Against, b.Beside} {
		if !s.hasSide(side) && (side != "" || side == b.Of) {
			return fmt.Errorf("bar %q: no side %q", b.Text, side)
		}
	}
	switch b.Limit.Relation {
	case AtMost, Below, AtLeast, Above:
		return nil
	}
	return fmt.Errorf("bar %q: unknown relation %q", b.Text, b.Limit.Relation)
}
