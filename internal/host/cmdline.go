package host

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// parameter returns the value of a kernel parameter: the last one given, as the
// kernel overwrites earlier ones. Values may stand in double quotes and dashes
// and underscores are the same in names
// (Documentation/admin-guide/kernel-parameters.rst).
func parameter(cmdline, name string) (value string, ok bool) {
	for _, w := range words(cmdline) {
		if w == "--" { // what follows is for init
			break
		}
		k, v, _ := strings.Cut(w, "=")
		if strings.ReplaceAll(k, "-", "_") == name {
			value, ok = v, true
		}
	}
	return value, ok
}

// words cuts a command line at white space outside double quotes, and drops the quotes.
func words(cmdline string) []string {
	var out []string
	var word strings.Builder
	quoted := false
	for _, r := range cmdline + " " {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && (r == ' ' || r == '\t' || r == '\n'):
			if word.Len() > 0 {
				out = append(out, word.String())
			}
			word.Reset()
		default:
			word.WriteRune(r)
		}
	}
	return out
}

// parseKernelCPUs reads the CPU lists of kernel parameters, which know more
// than those of sysfs: "all", "N" for the last CPU, and "0-15:2/4", the first
// two of every four (kernel-parameters.rst, "cpu lists"; lib/bitmap-str.c,
// bitmap_parselist). last is the highest possible CPU.
func parseKernelCPUs(list string, last int) (cpuset.Set, error) {
	var s cpuset.Set
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		r, err := parseRegion(part, last)
		if err != nil {
			return cpuset.Set{}, fmt.Errorf("cpu list %q: %w", clip([]byte(list)), err)
		}
		s = s.Union(r)
	}
	return s, nil
}

func parseRegion(part string, last int) (cpuset.Set, error) {
	span, pattern, hasPattern := strings.Cut(part, ":")
	used, group := 1, 1
	if hasPattern {
		u, g, _ := strings.Cut(pattern, "/")
		var errU, errG error
		used, errU = strconv.Atoi(u)
		group, errG = strconv.Atoi(g)
		if errU != nil || errG != nil || used < 0 || group < 1 || used > group {
			return cpuset.Set{}, fmt.Errorf("%q is no used/group pattern", pattern)
		}
	}
	lo, hi := 0, last
	if span != "all" {
		first, second, isRange := strings.Cut(span, "-")
		var err error
		if lo, err = parseBit(first, last); err != nil {
			return cpuset.Set{}, err
		}
		if hi = lo; isRange {
			if hi, err = parseBit(second, last); err != nil {
				return cpuset.Set{}, err
			}
		}
	}
	if hi < lo {
		return cpuset.Set{}, fmt.Errorf("range %s runs backwards", span)
	}
	var s cpuset.Set
	for c := lo; c <= hi; c++ {
		if (c-lo)%group < used {
			s = s.Union(cpuset.Of(c))
		}
	}
	return s, nil
}

// parseBit reads one CPU number, or N.
func parseBit(s string, last int) (int, error) {
	if s == "N" {
		return last, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is no CPU number", s)
	}
	if n > cpuset.Max {
		return 0, fmt.Errorf("CPU %d is over the limit of %d", n, cpuset.Max)
	}
	return int(n), nil
}
