package bench

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSummarize(t *testing.T) {
	for _, tt := range []struct {
		name    string
		samples []float64
		want    Summary
	}{
		{"none", nil, Summary{}},
		{"one", []float64{3}, Summary{1, 3, 3, 3}},
		{"odd, unsorted", []float64{5, 1, 3}, Summary{3, 3, 1, 5}},
		{"even: the mean of the middle two", []float64{4, 1, 2, 100}, Summary{4, 3, 1, 100}},
		{"one odd sample does not move the median", []float64{1, 1, 1, 1, 1e9}, Summary{5, 1, 1, 1e9}},
		{"infinite", []float64{math.Inf(1), 1, 2}, Summary{3, 2, 1, math.Inf(1)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(tt.samples)
			if diff := cmp.Diff(tt.want, Summarize(tt.samples)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if !slices.Equal(before, tt.samples) {
				t.Errorf("the samples were changed to %v", tt.samples)
			}
		})
	}
}

// At least half of the samples are no greater than the median, at least half no
// less: what a median is, counted.
func TestMedianHalves(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		samples := make([]float64, 1+random.IntN(20))
		for i := range samples {
			samples[i] = float64(random.IntN(10))
		}
		s, low, high := Summarize(samples), 0, 0
		for _, x := range samples {
			if x <= s.Median {
				low++
			}
			if x >= s.Median {
				high++
			}
		}
		if 2*low < len(samples) || 2*high < len(samples) {
			t.Fatalf("median of %v is %v", samples, s.Median)
		}
	}
}

func TestRatios(t *testing.T) {
	inf := math.Inf(1)
	for _, tt := range []struct {
		name        string
		of, against []float64
		want        []float64
	}{
		{"none", nil, nil, []float64{}},
		{"pair by pair", []float64{2, 9}, []float64{1, 3}, []float64{2, 3}},
		{"a sample without partner", []float64{2, 9, 9}, []float64{1}, []float64{2}},
		{"nothing by nothing, something by nothing", []float64{0, 1}, []float64{0, 0}, []float64{1, inf}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Ratios(tt.of, tt.against)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A machine that grows slower all the time hurts a ratio of medians, and not the
// median of ratios.
func TestRatiosWithinPairsForgiveDrift(t *testing.T) {
	var of, against []float64
	for i := range 20 {
		slow := math.Pow(1.5, float64(i))
		of, against = append(of, 2*slow), append(against, slow)
	}
	if s := Summarize(Ratios(of, against)); s.Min != 2 || s.Max != 2 {
		t.Errorf("ratios %v to %v, want 2", s.Min, s.Max)
	}
}
