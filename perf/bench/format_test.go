package bench

import (
	"math"
	"testing"
)

func TestUnitFormat(t *testing.T) {
	for _, tt := range []struct {
		unit Unit
		x    float64
		want string
	}{
		{Seconds, 0.0000042, "4.20 µs"},
		{Seconds, 0.0123, "12.3 ms"},
		{Seconds, 1.5, "1.50 s"},
		{Seconds, 120, "120 s"},
		{Seconds, math.Inf(1), "infinite"},
		{Bytes, 30.25 * (1 << 20), "30.2 MiB"},
		{Cores, 0.0012, "0.120 % of a core"},
		{Cores, 0, "0 % of a core"},
		{Count, 0, "0"},
		{Count, 1234567, "1234567"},
		{"Mpps", 2.8, "2.80 Mpps"},
	} {
		if got := tt.unit.format(tt.x); got != tt.want {
			t.Errorf("%v in %q: %q, want %q", tt.x, tt.unit, got, tt.want)
		}
	}
}
