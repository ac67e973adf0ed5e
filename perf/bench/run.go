package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Run measures one scenario. The result is whole even where the error is not nil:
// it says then what failed, and its bars are not measured. What was prepared is
// undone before Run returns, also when ctx ended.
func Run(ctx context.Context, s Scenario, env Env) (Result, error) {
	r := Result{
		Scenario: s.Name, Issue: s.Issue, Started: time.Now().UTC().Truncate(time.Second), Quick: env.Quick,
		Machine: DescribeMachine(ctx), Metrics: s.Metrics, Bars: s.Bars,
	}
	began := time.Now()
	if s.Missing != nil {
		r.Missing = s.Missing(env)
	}
	var err error
	if len(r.Missing) == 0 {
		if err = measure(ctx, s, env, &r); err != nil {
			r.Failed = err.Error()
			err = fmt.Errorf("scenario %s: %w", s.Name, err)
		}
	}
	r.Took = time.Since(began).Round(time.Millisecond)
	r.judge()
	return r, err
}

func measure(ctx context.Context, s Scenario, env Env, r *Result) (err error) {
	rig, err := s.Prepare(ctx, env)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer func() {
		if rig.Close != nil {
			err = errors.Join(err, rig.Close())
		}
	}()
	r.Notes = rig.Notes
	var here []string
	for _, side := range s.Sides {
		r.Sides = append(r.Sides, SideResult{Name: side, Missing: rig.Missing[side], Samples: map[string][]float64{}})
		if rig.Missing[side] == "" {
			here = append(here, side)
		}
	}
	for _, side := range here {
		env.Progress(s.Name + ": " + side + " warms up")
		if _, err := rig.Measure[side](ctx); err != nil {
			return fmt.Errorf("%s warms up: %w", side, err)
		}
	}
	began := time.Now()
	for pair := 0; another(s, *r, pair, time.Since(began)); pair++ {
		for _, side := range turns(here, pair) {
			sample, err := rig.Measure[side](ctx)
			if err != nil {
				return fmt.Errorf("%s, pair %d: %w", side, pair+1, err)
			}
			if err := r.add(s, side, sample); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// turns returns the order of the sides in a pair: each pair begins with the side
// that was second in the pair before.
func turns(sides []string, pair int) []string {
	if len(sides) == 0 {
		return nil
	}
	first := pair % len(sides)
	return append(append([]string{}, sides[first:]...), sides[:first]...)
}

// another tells whether one more pair is taken after this many.
func another(s Scenario, r Result, pairs int, spent time.Duration) bool {
	if pairs < s.Repeats.Least {
		return true
	}
	if r.Quick || pairs >= s.Repeats.Most || spent >= s.Repeats.Budget {
		return false
	}
	for _, b := range s.Bars {
		if b.Judge(r).Straddles {
			return true
		}
	}
	return false
}

// add keeps a sample, which must have every metric of the scenario and no other.
func (r *Result) add(s Scenario, side string, sample Sample) error {
	if len(sample) != len(s.Metrics) {
		return fmt.Errorf("%s: a sample of %d metrics instead of %d", side, len(sample), len(s.Metrics))
	}
	for _, m := range s.Metrics {
		value, ok := sample[m.Name]
		if !ok {
			return fmt.Errorf("%s: a sample without %s", side, m.Name)
		}
		for i := range r.Sides {
			if r.Sides[i].Name == side {
				r.Sides[i].Samples[m.Name] = append(r.Sides[i].Samples[m.Name], value)
			}
		}
	}
	return nil
}
