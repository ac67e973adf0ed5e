package configs

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// rules are what a field's tags say of its value. The same tags make the JSON
// Schema, so the two cannot disagree.
type rules struct {
	required bool
	example  string
	enum     []string
	min, max int64
	why      string // where the range comes from
	unit     string // in which the number is given; "" = it is a mere number
}

// rulesOf reads the tags of a field: jsonschema:"required,enum=a,enum=b,
// minimum=1,maximum=9", why:"text", unit:"MiB" and, for what is required, example:"value".
func rulesOf(f reflect.StructField) rules {
	r := rules{min: math.MinInt64, max: math.MaxInt64, why: f.Tag.Get("why"), unit: f.Tag.Get("unit"), example: f.Tag.Get("example")}
	for part := range strings.SplitSeq(f.Tag.Get("jsonschema"), ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "required":
			r.required = true
		case "enum":
			r.enum = append(r.enum, value)
		case "minimum":
			r.min = mustInt(value)
		case "maximum":
			r.max = mustInt(value)
		}
	}
	if r.example == "" && len(r.enum) > 0 {
		r.example = r.enum[0]
	}
	return r
}

func mustInt(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic("configs: tag of a raw type: " + err.Error())
	}
	return n
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// basic decodes text with an enumeration, booleans and whole numbers.
func (d *decoder) basic(n *yaml.Node, v reflect.Value, path string, r rules) {
	text, expanded, ok := d.scalar(n, path)
	if !ok {
		return
	}
	quoted := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && !expanded
	var err error
	switch v.Kind() {
	case reflect.String:
		err = r.oneOf(text)
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			err = fmt.Errorf("%q is neither true nor false", text)
		}
		v.SetBool(text == "true")
	case reflect.Int:
		var i int64
		i, err = r.integer(text)
		v.SetInt(i)
	case reflect.Uint32:
		var i int64
		i, err = r.integer(text)
		v.SetUint(uint64(max(i, 0)))
	default:
		panic("configs: raw type " + v.Type().String())
	}
	if err == nil && quoted && v.Kind() != reflect.String {
		err = fmt.Errorf("%q is text because of its quotes; write %s without them", text, text)
	}
	if err != nil {
		d.sayValue(n, path, err)
	}
}

func (r rules) oneOf(text string) error {
	if len(r.enum) == 0 || slices.Contains(r.enum, text) {
		return nil
	}
	if near := nearest(text, r.enum); near != "" && text != "" {
		return fmt.Errorf("%q is unknown; did you mean %s? Valid: %s", text, near, strings.Join(r.enum, ", "))
	}
	return fmt.Errorf("%q is unknown; valid: %s", text, strings.Join(r.enum, ", "))
}

// integer reads a decimal number and keeps it within the range. On an error it
// returns 0.
func (r rules) integer(text string) (int64, error) {
	if !wholeNumber.MatchString(text) {
		if trimmed := strings.TrimLeft(text, "0"); trimmed != text && wholeNumber.MatchString(trimmed) {
			return 0, fmt.Errorf("%s has a leading zero, which YAML reads as octal; write %s", text, trimmed)
		}
		unit := ""
		if r.unit != "" {
			unit = ": it is given in " + r.unit
		}
		return 0, fmt.Errorf("%q is no whole number%s; write digits alone", text, unit)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && n >= r.min && n <= r.max {
		return n, nil
	}
	reason := ""
	switch {
	case r.why != "":
		reason = ": " + r.why
	case r.unit != "":
		reason = ": it is given in " + r.unit
	}
	return 0, fmt.Errorf("%s is out of range%s; valid: %d to %d", text, reason, r.min, r.max)
}
