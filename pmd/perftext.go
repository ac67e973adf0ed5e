package pmd

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

const maxDuration = time.Duration(math.MaxInt64)

// section is the part of a thread's pmd-perf-show block.
type section int

const (
	counters section = iota
	tables           // histograms and histories, passed over
)

// sectionOf recognizes the first line of the tables: the title of the
// histograms, or the head of a history (-it and -ms).
func sectionOf(line string) (section, bool) {
	words := strings.Fields(line)
	return tables, line == "Histograms" ||
		len(words) > 1 && (words[0] == "iter" && words[1] == "cycles" || words[0] == "ms" && words[1] == "iterations")
}

// isTableRow says whether a line is one of the tables': a rule of dashes, a head
// with its units, or numbers and ">" after three blanks.
func isTableRow(line string) bool {
	if strings.Trim(line, "-") == "" {
		return true
	}
	if !strings.HasPrefix(line, "   ") {
		return false
	}
	words := strings.Fields(line)
	if len(words) > 0 && words[0] == "cycles/it" {
		return true
	}
	for _, word := range words {
		if _, err := strconv.ParseFloat(word, 64); err != nil && word != ">" && !errors.Is(err, strconv.ErrRange) {
			return false
		}
	}
	return len(words) > 0
}

// setUint sets a counter. What no uint64 can hold, or is no number by C's own
// words, leaves nil; only text that is neither is refused.
func setUint(slot **uint64, text string) bool {
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err == nil:
		*slot = &n
		return true
	case errors.Is(err, strconv.ErrRange):
		return true
	}
	return notANumber(text)
}

// setFloat sets a ratio in the same manner; a nil slot only checks the text.
func setFloat(slot **float64, text string) bool {
	if notANumber(text) {
		return true
	}
	if strings.Trim(strings.TrimPrefix(text, "-"), "0123456789.") != "" {
		return false // ParseFloat takes hexadecimal numbers and exponents; %.1f prints none
	}
	f, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) {
		return true
	}
	if err == nil && slot != nil {
		*slot = &f
	}
	return err == nil
}

// notANumber says whether C's printf wrote no finite number.
func notANumber(text string) bool {
	switch strings.TrimPrefix(text, "-") {
	case "nan", "inf":
		return true
	}
	return false
}
