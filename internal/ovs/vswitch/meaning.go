package vswitch

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Kind says how OVS reads the text of a setting.
type Kind string

// The kinds. Text is the zero value: every character counts.
const (
	Text    Kind = ""
	Boolean Kind = "boolean"  // lib/smap.c, smap_get_bool: what is no word of it is the default
	Number  Kind = "number"   // smap_get_int and its like: what is no decimal number is the default
	Mask    Kind = "mask"     // hexadecimal CPU mask, 0x or not
	Amounts Kind = "amounts"  // one number for each NUMA node; what is not named is 0
	Pins    Kind = "pins"     // "queue:core" pairs in any order
	Words   Kind = "words"    // separated by any number of blanks
	AnyCase Kind = "any case" // strcasecmp
)

// Meaning returns what the given OVS release makes of a setting's text, in one
// form for all texts that mean the same: OVS's default for an absent setting
// ("") and for one that OVS does not understand. It is empty where a setting is
// absent and has no default that a profile could say.
func (k Key) Meaning(text, release string) string {
	standard := k.DefaultIn(release)
	if text == "" {
		return standard
	}
	switch k.Kind {
	case Boolean:
		if standard == "true" {
			return strconv.FormatBool(!strings.EqualFold(text, "false"))
		}
		return strconv.FormatBool(strings.EqualFold(text, "true"))
	case Number:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return standard
		}
		return strconv.FormatInt(n, 10)
	case Mask:
		return plainMask(text)
	case Amounts:
		return plainAmounts(text)
	case Pins:
		return plainPins(text)
	case Words:
		return strings.Join(strings.Fields(text), " ")
	case AnyCase:
		text = strings.ToLower(text)
	case Text:
	}
	if k.Choices != "" && !slices.Contains(strings.Fields(k.Choices), text) {
		return standard
	}
	return text
}

// DefaultIn returns the value that the given OVS release uses where the setting
// is absent; empty = none that a profile could say.
func (k Key) DefaultIn(release string) string {
	if k.DefaultSince != "" && Release(release, k.DefaultSince) < 0 {
		return k.OldDefault
	}
	return k.Default
}

func plainMask(text string) string {
	digits := strings.TrimPrefix(strings.ToLower(text), "0x")
	return "0x" + cmp.Or(strings.TrimLeft(digits, "0"), "0")
}

func plainAmounts(text string) string {
	amounts := strings.Split(text, ",")
	for len(amounts) > 1 && amounts[len(amounts)-1] == "0" {
		amounts = amounts[:len(amounts)-1]
	}
	return strings.Join(amounts, ",")
}

// plainPins sorts the pairs by queue, where all of them are pairs of numbers.
func plainPins(text string) string {
	type pin struct{ queue, core int }
	var pins []pin
	for _, pair := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		queue, core, _ := strings.Cut(pair, ":")
		q, err1 := strconv.Atoi(queue)
		c, err2 := strconv.Atoi(core)
		if err1 != nil || err2 != nil {
			return text
		}
		pins = append(pins, pin{q, c})
	}
	slices.SortFunc(pins, func(a, b pin) int { return cmp.Or(cmp.Compare(a.queue, b.queue), cmp.Compare(a.core, b.core)) })
	words := make([]string, len(pins))
	for i, p := range pins {
		words[i] = strconv.Itoa(p.queue) + ":" + strconv.Itoa(p.core)
	}
	return strings.Join(words, ",")
}
