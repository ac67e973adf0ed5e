package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Result is a finished run of one scenario, with every sample. It is what
// bench-results/NAME.json holds.
type Result struct {
	Scenario string        `json:"scenario"`
	Issue    int           `json:"issue"`
	Started  time.Time     `json:"started"`
	Took     time.Duration `json:"tookNanoseconds"`
	Quick    bool          `json:"quick,omitempty"`
	Machine  Machine       `json:"machine"`
	Metrics  []Metric      `json:"metrics"`
	Sides    []SideResult  `json:"sides"`
	Bars     []Bar         `json:"bars"`
	Verdicts []Verdict     `json:"verdicts"` // one for each bar
	Notes    []string      `json:"notes,omitempty"`
	// Missing says why nothing at all was measured; Failed what ended the run early.
	Missing []string `json:"missing,omitempty"`
	Failed  string   `json:"failed,omitempty"`
}

// SideResult is what one side did.
type SideResult struct {
	Name string `json:"name"`
	// Missing says why the side was left out.
	Missing string `json:"missing,omitempty"`
	// Samples are the values of each metric, in the order they were taken;
	// value i of every side belongs to pair i.
	Samples map[string][]float64 `json:"samples,omitempty"`
}

// samples returns a side's values of a metric, or why there are none.
func (r Result) samples(side, metric string) (values []float64, why string) {
	if len(r.Missing) > 0 {
		return nil, sentence(r.Missing)
	}
	for _, s := range r.Sides {
		if s.Name != side {
			continue
		}
		if s.Missing != "" {
			return nil, s.Missing
		}
		if r.Failed != "" {
			return nil, "the run failed: " + r.Failed
		}
		return s.Samples[metric], ""
	}
	return nil, "no side " + side
}

func sentence(list []string) string {
	text := "this machine lacks "
	for i, what := range list {
		if i > 0 {
			text += "; "
		}
		text += what
	}
	return text
}

// judge fills the verdicts in.
func (r *Result) judge() {
	r.Verdicts = nil
	for _, b := range r.Bars {
		r.Verdicts = append(r.Verdicts, b.Judge(*r))
	}
}

// State returns the worst state of the bars: NotMet before NotMeasured before Met.
func (r Result) State() State {
	state := Met
	for _, v := range r.Verdicts {
		if v.State == NotMet || v.State == NotMeasured && state == Met {
			state = v.State
		}
	}
	return state
}

// Save writes the result to NAME.json in dir, which it makes.
func (r Result) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, r.Scenario+".json"), append(text, '\n'), 0o644)
}

// Load reads what Save wrote of the given scenarios, in their order. One that has
// no file is left out. The verdicts are judged anew from the samples.
func Load(dir string, scenarios []Scenario) ([]Result, error) {
	var results []Result
	for _, s := range scenarios {
		text, err := os.ReadFile(filepath.Join(dir, s.Name+".json"))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var r Result
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s.json: %w", s.Name, err)
		}
		r.judge()
		results = append(results, r)
	}
	return results, nil
}

// ReadAll reads what WriteAll wrote; a file that does not exist holds nothing.
func ReadAll(path string) ([]Result, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var results []Result
	if err := json.Unmarshal(text, &results); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range results {
		results[i].judge()
	}
	return results, nil
}

// WriteAll writes results to one file, as docs/performance.json is.
func WriteAll(path string, results []Result) error {
	text, err := json.MarshalIndent(results, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// Merge returns the results of the scenarios in their order, the new one of a
// scenario in place of the old.
func Merge(scenarios []Scenario, old, newer []Result) []Result {
	var merged []Result
	for _, s := range scenarios {
		r, ok := resultOfScenario(newer, s.Name)
		if !ok {
			r, ok = resultOfScenario(old, s.Name)
		}
		if ok {
			merged = append(merged, r)
		}
	}
	return merged
}
