package bench

import (
	"math"
	"slices"
)

// Summary is what many samples of one number come down to.
type Summary struct {
	N                int
	Median, Min, Max float64
}

// Summarize returns the summary of the samples, in any order. Without samples N
// is 0 and nothing else has a meaning.
func Summarize(samples []float64) Summary {
	if len(samples) == 0 {
		return Summary{}
	}
	s := slices.Sorted(slices.Values(samples))
	mid := len(s) / 2
	median := s[mid]
	if len(s)%2 == 0 {
		median = s[mid-1] + (s[mid]-s[mid-1])/2
	}
	return Summary{N: len(s), Median: median, Min: s[0], Max: s[len(s)-1]}
}

// Ratios divides of by against pair by pair: sample i of the one by sample i of
// the other, which were taken one right after the other. Samples without a
// partner are left out. Nothing by nothing is 1, something by nothing infinite.
func Ratios(of, against []float64) []float64 {
	ratios := make([]float64, min(len(of), len(against)))
	for i := range ratios {
		switch {
		case against[i] != 0:
			ratios[i] = of[i] / against[i]
		case of[i] == 0:
			ratios[i] = 1
		default:
			ratios[i] = math.Inf(1)
		}
	}
	return ratios
}
