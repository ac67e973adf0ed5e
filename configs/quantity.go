package configs

import (
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
	"time"
)

// duration is a whole number with its unit: 50us, 10ms, 60s, 5m.
type duration time.Duration

type unit[T any] struct {
	name string
	size T
}

// durationUnits runs from the largest that is written to the smallest.
func durationUnits() []unit[time.Duration] {
	return []unit[time.Duration]{{"s", time.Second}, {"ms", time.Millisecond}, {"us", time.Microsecond}, {"m", time.Minute}}
}

var durationForm = regexp.MustCompile(`^(0|[1-9][0-9]*)([a-zµ]*)$`)

// UnmarshalText reads a duration; the unit is not optional.
func (d *duration) UnmarshalText(text []byte) error {
	m := durationForm.FindStringSubmatch(string(text))
	if m == nil {
		return fmt.Errorf("%q is no duration; write a whole number and a unit: 50us, 10ms, 60s, 5m", text)
	}
	if m[2] == "" {
		return fmt.Errorf("%q has no unit; write for instance %sus, %sms or %ss", text, m[1], m[1], m[1])
	}
	for _, u := range durationUnits() {
		if u.name != m[2] {
			continue
		}
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || n > int64(365*24*time.Hour/u.size) {
			return fmt.Errorf("%q is longer than a year", text)
		}
		*d = duration(time.Duration(n) * u.size)
		return nil
	}
	return fmt.Errorf("%q has the unknown unit %s; valid: us, ms, s, m", text, m[2])
}

// MarshalText writes the duration in the largest unit that divides it.
func (d duration) MarshalText() ([]byte, error) {
	if d == 0 {
		return []byte("0us"), nil
	}
	for _, u := range durationUnits() {
		if time.Duration(d)%u.size == 0 {
			return fmt.Appendf(nil, "%d%s", time.Duration(d)/u.size, u.name), nil
		}
	}
	return nil, fmt.Errorf("%v is no whole number of microseconds", time.Duration(d))
}

// within tells whether d is in the range that a key allows.
func (d duration) within(lo, hi time.Duration) bool {
	return time.Duration(d) >= lo && time.Duration(d) <= hi
}

// bitRate is bits per second: 0, 500M, 2500M, 10G.
type bitRate uint64

// maxRate is what ingress_policing_rate can hold: ofproto passes kbit/s as 32 bits.
const maxRate = 4_000_000_000_000

var rateForm = regexp.MustCompile(`^(0|[1-9][0-9]*)([A-Za-z]*)(?:/(s|sec))?$`)

// UnmarshalText reads a rate. Bytes are refused, and so is what could be read
// as either: OVS takes kbit/s in one direction and bytes/s in the other, and
// the two have been mixed up often enough.
func (r *bitRate) UnmarshalText(text []byte) error {
	m := rateForm.FindStringSubmatch(string(text))
	if m == nil {
		return fmt.Errorf("%q is no rate; write bits per second as a whole number with k, M, G or T: 500M, 10G", text)
	}
	size, bytes, err := rateUnit(m[2])
	if err != nil {
		return fmt.Errorf("%q %w", text, err)
	}
	n, err := strconv.ParseUint(m[1], 10, 64)
	high, product := bits.Mul64(n, size)
	if err != nil || high != 0 || product > maxRate {
		return fmt.Errorf("%q is over the 4T that OVS can police", text)
	}
	if bytes {
		want, _ := bitRate(product * 8).MarshalText()
		return fmt.Errorf("%q is in bytes; a rate is given in bits, although OVS wants bytes for egress: write %s for %s", text, want, text)
	}
	*r = bitRate(product)
	return nil
}

// rateUnit splits a unit into its factor and whether it counts bytes.
func rateUnit(name string) (size uint64, bytes bool, err error) {
	size = 1
	rest := name
	if rest != "" {
		switch rest[0] {
		case 'k':
			size = 1_000
		case 'M':
			size = 1_000_000
		case 'G':
			size = 1_000_000_000
		case 'T':
			size = 1_000_000_000_000
		}
		if size > 1 {
			rest = rest[1:]
		}
	}
	switch rest {
	case "", "bit", "bps":
		return size, false, nil
	case "B", "Bps":
		return size, true, nil
	}
	return 0, false, fmt.Errorf("has the unknown unit %s; valid: k, M, G, T (thousand, million, ... bits per second)", name)
}

// MarshalText writes the rate in the largest unit that divides it.
func (r bitRate) MarshalText() ([]byte, error) {
	return []byte(withUnit(uint64(r), decimalUnits())), nil
}

// byteSize is a number of bytes: 64000, 64k, 1M.
type byteSize uint64

// maxBurst is a second of 40 Gbit/s; a larger bucket limits nothing.
const maxBurst = 5_000_000_000

var sizeForm = regexp.MustCompile(`^(0|[1-9][0-9]*)(k|M|G|)B?$`)

// UnmarshalText reads a number of bytes.
func (b *byteSize) UnmarshalText(text []byte) error {
	m := sizeForm.FindStringSubmatch(string(text))
	if m == nil {
		return fmt.Errorf("%q is no size; write bytes as a whole number with k, M or G: 64k, 1M", text)
	}
	n, err := strconv.ParseUint(m[1], 10, 64)
	for _, u := range decimalUnits() {
		if u.name != m[2] {
			continue
		}
		if err != nil || n > maxBurst/u.size {
			return fmt.Errorf("%q is over the limit of 5G bytes", text)
		}
		*b = byteSize(n * u.size)
		return nil
	}
	return errors.New("unreachable: the form allows only known units")
}

// MarshalText writes the size in the largest unit that divides it.
func (b byteSize) MarshalText() ([]byte, error) {
	return []byte(withUnit(uint64(b), decimalUnits())), nil
}

func decimalUnits() []unit[uint64] {
	return []unit[uint64]{{"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}}
}

func withUnit(n uint64, units []unit[uint64]) string {
	for _, u := range units {
		if n >= u.size && n%u.size == 0 {
			return strconv.FormatUint(n/u.size, 10) + u.name
		}
	}
	return strconv.FormatUint(n, 10)
}

// share is a part of the whole, 0 to 1, in hundredths: OVS reads whole percents.
type share float64

var shareForm = regexp.MustCompile(`^(0|1|[01]\.[0-9]+)$`)

// UnmarshalText reads a share.
func (s *share) UnmarshalText(text []byte) error {
	if !shareForm.Match(text) {
		return fmt.Errorf("%q is no share; write a number between 0 and 1: 0.80 for 80 percent", text)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f > 1 {
		return fmt.Errorf("%s is more than 1; write 0.80 for 80 percent", text)
	}
	percent := int(f*100 + 0.5)
	if d := f*100 - float64(percent); d > 1e-9 || d < -1e-9 {
		return fmt.Errorf("%s is finer than OVS reads it, in whole percents; write 0.%02d", text, percent)
	}
	*s = share(float64(percent) / 100)
	return nil
}

// MarshalText writes the share with two decimals.
func (s share) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(s), 'f', 2, 64), nil
}
