package configs

import (
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
)

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
	factor := uint64(1)
	for _, u := range decimalUnits() {
		if u.name == m[2] {
			factor = u.size
		}
	}
	n, err := strconv.ParseUint(m[1], 10, 64)
	if err != nil || n > maxBurst/factor {
		return fmt.Errorf("%q is over the limit of 5G bytes", text)
	}
	*b = byteSize(n * factor)
	return nil
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
