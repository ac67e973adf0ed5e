// Package cpuset holds immutable sets of CPU numbers, in the Linux list syntax
// ("0,2-5") and as the hexadecimal masks that OVS and DPDK read.
package cpuset

import (
	"fmt"
	"iter"
	"math/bits"
	"strconv"
	"strings"
)

// Max is the highest CPU number a set may hold. Linux is built for at most
// 8192 CPUs (CONFIG_NR_CPUS, arch/x86/Kconfig); a larger number is a typing error.
const Max = 8191

// Set is an immutable set of CPU numbers. The zero value is the empty set.
// Sets are safe for concurrent use and must be compared with Equal.
type Set struct {
	words []uint64 // no trailing zero word
}

// Of returns the set of the given CPUs. It panics on a number outside 0..Max.
func Of(cpus ...int) Set {
	var s Set
	for _, c := range cpus {
		s = s.add(c)
	}
	return s
}

// Parse reads Linux list syntax: comma-separated numbers and ascending ranges.
// The empty string is the empty set.
func Parse(list string) (Set, error) {
	var s Set
	if strings.TrimSpace(list) == "" {
		return s, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		first, last, isRange := strings.Cut(part, "-")
		lo, err := number(first)
		if err != nil {
			return Set{}, fmt.Errorf("cpu list %q: %w", list, err)
		}
		hi := lo
		if isRange {
			if hi, err = number(last); err != nil {
				return Set{}, fmt.Errorf("cpu list %q: %w", list, err)
			}
		}
		if hi < lo {
			return Set{}, fmt.Errorf("cpu list %q: range %s runs backwards", list, part)
		}
		for c := lo; c <= hi; c++ {
			s = s.add(c)
		}
	}
	return s, nil
}

// ParseMask reads a hexadecimal mask as OVS does (lib/ovs-numa.c,
// ovs_numa_dump_cores_with_cmask): an optional 0x, the lowest CPU in the last digit.
func ParseMask(mask string) (Set, error) {
	digits := strings.TrimPrefix(strings.TrimPrefix(mask, "0x"), "0X")
	if digits == "" {
		return Set{}, fmt.Errorf("cpu mask %q: no digits", mask)
	}
	var s Set
	for i := range len(digits) {
		d, err := strconv.ParseUint(digits[len(digits)-1-i:len(digits)-i], 16, 8)
		if err != nil {
			return Set{}, fmt.Errorf("cpu mask %q: %q is no hexadecimal digit", mask, digits[len(digits)-1-i:len(digits)-i])
		}
		for b := range 4 {
			if d&(1<<b) == 0 {
				continue
			}
			if i*4+b > Max {
				return Set{}, fmt.Errorf("cpu mask %q: CPU %d is over the limit of %d", mask, i*4+b, Max)
			}
			s = s.add(i*4 + b)
		}
	}
	return s, nil
}

func number(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || s[0] == '+' {
		return 0, fmt.Errorf("%q is no CPU number", s)
	}
	if n > Max {
		return 0, fmt.Errorf("CPU %d is over the limit of %d", n, Max)
	}
	return n, nil
}

// add changes words in place where they are long enough: callers own s.
func (s Set) add(cpu int) Set {
	if cpu < 0 || cpu > Max {
		panic("cpuset: CPU number out of range: " + strconv.Itoa(cpu))
	}
	for len(s.words) <= cpu/64 {
		s.words = append(s.words, 0)
	}
	s.words[cpu/64] |= 1 << (cpu % 64)
	return s
}

// Contains tells whether cpu is in the set.
func (s Set) Contains(cpu int) bool {
	return cpu >= 0 && cpu/64 < len(s.words) && s.words[cpu/64]&(1<<(cpu%64)) != 0
}

// Len returns the number of CPUs in the set.
func (s Set) Len() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// IsEmpty tells whether the set holds no CPU.
func (s Set) IsEmpty() bool { return len(s.words) == 0 }

// All yields the CPUs in ascending order.
func (s Set) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, w := range s.words {
			for ; w != 0; w &= w - 1 {
				if !yield(i*64 + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

// First returns the lowest CPU, or -1 of the empty set.
func (s Set) First() int {
	for c := range s.All() {
		return c
	}
	return -1
}

// Union returns the CPUs in s or in o.
func (s Set) Union(o Set) Set { return s.combine(o, func(a, b uint64) uint64 { return a | b }) }

// Intersect returns the CPUs in both s and o.
func (s Set) Intersect(o Set) Set { return s.combine(o, func(a, b uint64) uint64 { return a & b }) }

// Minus returns the CPUs in s that are not in o.
func (s Set) Minus(o Set) Set { return s.combine(o, func(a, b uint64) uint64 { return a &^ b }) }

// Equal tells whether both sets hold the same CPUs.
func (s Set) Equal(o Set) bool {
	return s.combine(o, func(a, b uint64) uint64 { return a ^ b }).IsEmpty()
}

// SubsetOf tells whether every CPU of s is in o.
func (s Set) SubsetOf(o Set) bool { return s.Minus(o).IsEmpty() }

func (s Set) combine(o Set, op func(a, b uint64) uint64) Set {
	words := make([]uint64, max(len(s.words), len(o.words)))
	last := 0
	for i := range words {
		var a, b uint64
		if i < len(s.words) {
			a = s.words[i]
		}
		if i < len(o.words) {
			b = o.words[i]
		}
		if words[i] = op(a, b); words[i] != 0 {
			last = i + 1
		}
	}
	return Set{words: words[:last:last]}
}

// String returns the set in Linux list syntax; "" for the empty set.
func (s Set) String() string {
	var b strings.Builder
	start, prev := -1, -1
	flush := func() {
		if start < 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(start))
		if prev > start {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(prev))
		}
	}
	for c := range s.All() {
		if start >= 0 && c == prev+1 {
			prev = c
			continue
		}
		flush()
		start, prev = c, c
	}
	flush()
	return b.String()
}

// Mask returns the set as the hexadecimal mask OVS reads, for instance "0x3c";
// "0x0" for the empty set.
func (s Set) Mask() string {
	if s.IsEmpty() {
		return "0x0"
	}
	var b strings.Builder
	b.WriteString("0x")
	b.WriteString(strconv.FormatUint(s.words[len(s.words)-1], 16))
	for i := len(s.words) - 2; i >= 0; i-- {
		fmt.Fprintf(&b, "%016x", s.words[i])
	}
	return b.String()
}

// MarshalText writes Linux list syntax.
func (s Set) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads Linux list syntax.
func (s *Set) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
