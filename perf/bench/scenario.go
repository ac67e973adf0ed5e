package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Unit is what a metric counts.
type Unit string

// The units.
const (
	Seconds Unit = "s"
	Bytes   Unit = "B"
	Count   Unit = "" // packets, transactions, things
	Cores   Unit = "cores"
	Cycles  Unit = "cycles" // of a packet
	Ratio   Unit = "ratio"  // of two numbers of one sample

	PerSecond Unit = "a second" // things
	PerRecord Unit = "B a record"
)

// Metric is one number that every sample of a scenario has.
type Metric struct {
	Name string `json:"name"`
	Unit Unit   `json:"unit"`
}

// Sample is one measurement: a value for each metric, by its name.
type Sample map[string]float64

// Repeats is how often a scenario measures each side.
type Repeats struct {
	// Least is the number of pairs there are at least, and of a quick run.
	// At most Most pairs are taken while a spread straddles its bar, and none is
	// begun after Budget; a quick run has neither.
	Least, Most int
	Budget      time.Duration
}

// Scenario is one job and the ways of doing it.
type Scenario struct {
	// Name is what `sluice-perf run` takes: lower case, no blanks.
	Name string
	// Title says in a line what is measured.
	Title string
	// Issue is the number of the issue that set the bars.
	Issue int
	// Method says how it is measured, in sentences for docs/performance.md.
	Method string
	// Quick scenarios are part of `run --all --quick`.
	Quick   bool
	Metrics []Metric
	// Sides are the ways of doing the job, ours first.
	Sides []string
	// Bars may be none: then what is measured is shown alone.
	Bars    []Bar
	Repeats Repeats
	// Table has the page show every metric of every side in one table.
	Table bool

	// Missing lists what this machine lacks to run the scenario at all, in words;
	// nil means that it runs everywhere.
	Missing func(Env) []string
	// Prepare makes everything that is not measured. What it made before it
	// failed it undoes itself.
	Prepare func(context.Context, Env) (Rig, error)
}

// Rig is a prepared scenario.
type Rig struct {
	// Measure holds a function for each side that is there. It takes one sample,
	// and leaves behind what the next sample of any side needs.
	Measure map[string]func(context.Context) (Sample, error)
	// Missing says of the other sides why they are not there.
	Missing map[string]string
	// Notes are what a reader of the result must know besides.
	Notes []string
	// Close undoes what Prepare did; nil means nothing to undo. It is called once,
	// after a cancelled run too.
	Close func() error
}

// Env is what scenarios may use of the world around them.
type Env struct {
	// BinDir is where sluiced and sluicectl are looked for.
	BinDir string
	Quick  bool
	// Progress is told in a line what is being done; never nil.
	Progress func(line string)
}

func (s Scenario) metric(name string) (Metric, bool) {
	for _, m := range s.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

func (s Scenario) hasSide(name string) bool {
	for _, side := range s.Sides {
		if side == name {
			return true
		}
	}
	return false
}

// Validate says what is wrong with a scenario's description.
func (s Scenario) Validate() error {
	var errs []error
	if s.Name == "" || s.Title == "" || s.Method == "" || s.Issue <= 0 {
		errs = append(errs, errors.New("name, title, method and issue are required"))
	}
	if len(s.Metrics) == 0 || len(s.Sides) == 0 {
		errs = append(errs, errors.New("metrics and sides are required"))
	}
	if s.Repeats.Least < 1 || s.Repeats.Most < s.Repeats.Least {
		errs = append(errs, fmt.Errorf("repeats: %d to %d", s.Repeats.Least, s.Repeats.Most))
	}
	if s.Prepare == nil {
		errs = append(errs, errors.New("nothing to prepare"))
	}
	for _, b := range s.Bars {
		errs = append(errs, b.validate(s))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	return nil
}
