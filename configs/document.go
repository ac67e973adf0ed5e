package configs

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// document returns the root node of the one YAML document in data: nil of an
// empty file, false after saying why it cannot be read. what names the kind of file.
func (d *decoder) document(data []byte, what string) (root *yaml.Node, ok bool) {
	switch {
	case len(data) > maxFile:
		d.say(0, "", "the %s is larger than %d KiB; this is surely another file", what, maxFile>>10)
		return nil, false
	case !utf8.Valid(data):
		d.say(invalidLine(data), "", "the %s is not UTF-8 text; save it as UTF-8 (it needs nothing but ASCII)", what)
		return nil, false
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && isNull(doc.Content[0]) {
		return nil, true
	}
	if err != nil {
		d.sayYAML(err, data)
		return nil, false
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			d.sayYAML(err, data)
			return nil, false
		}
		d.say(second.Line, "", "a second document begins here; a %s is one document, without further --- lines", what)
		return nil, false
	}
	return doc.Content[0], true
}

func invalidLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line
}

// yamlError matches the messages of go.yaml.in/yaml/v3 (yaml.go, parser.fail):
// "yaml: line 3: did not find expected key".
var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)

// sayYAML reports what the YAML parser refused, with a hint for the usual causes.
func (d *decoder) sayYAML(err error, data []byte) {
	line, text := 0, err.Error()
	if m := yamlError.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // empty = 0
		text = m[2]
	}
	hint := "; look for a missing quote, colon or bracket here or in a line beside"
	switch {
	case strings.Contains(text, "expected ','") && bytes.Contains(data, []byte("${")):
		hint = "; a ${variable} between { } or [ ] needs quotes: \"${name}\""
	case strings.Contains(text, "cannot start any token"):
		hint = "; indent with spaces, not with tabs, and quote a value that begins with @, ` or %"
	case strings.Contains(text, "mapping values are not allowed"):
		hint = "; a key is indented further than its neighbours, or a value with a colon and a space needs quotes"
	case strings.Contains(text, "unknown anchor"):
		line = lineOf(data, func(l string) bool { return strings.Contains(l, "*") })
		hint = "; aliases are not used here, and a value that begins with * needs quotes"
	case strings.Contains(text, "could not find expected ':'"):
		hint = "; a key stands here without a colon and a value: is the file cut off?"
	case strings.Contains(text, "control characters"):
		line = lineOf(data, func(l string) bool { return strings.ContainsFunc(l, unicode.IsControl) })
		hint = "; the file holds bytes that are no text"
	}
	d.say(line, "", "this is not YAML: %s%s", text, hint)
}

// lineOf returns the first line that holds what is looked for, for those
// messages of the YAML parser that name none; 0 = none does.
func lineOf(data []byte, found func(string) bool) int {
	line := 0
	for l := range strings.Lines(string(data)) {
		line++
		if found(strings.TrimRight(strings.ReplaceAll(l, "\t", ""), "\r\n")) {
			return line
		}
	}
	return 0
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}
