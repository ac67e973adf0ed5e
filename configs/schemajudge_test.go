package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// schemaJudge checks a value against those words of JSON Schema that ours uses.
// It refuses a schema with any other word, so that it cannot pass by ignorance.
type schemaJudge struct{ root map[string]any }

func (j schemaJudge) check(schema map[string]any, value any, at string) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, args...)) }
	for word, rule := range schema {
		switch word {
		case "$schema", "$defs", "title", "description", "default":
		case "$ref":
			name := strings.TrimPrefix(rule.(string), "#/$defs/")
			wrong = append(wrong, j.check(j.root["$defs"].(map[string]any)[name].(map[string]any), value, at)...)
		case "type":
			if !hasType(value, rule.(string)) {
				say("not %s", rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), value) {
				say("not in enum")
			}
		case "minimum":
			if n, ok := value.(float64); ok && n < rule.(float64) {
				say("below %v", rule)
			}
		case "maximum":
			if n, ok := value.(float64); ok && n > rule.(float64) {
				say("above %v", rule)
			}
		case "maxLength":
			if s, ok := value.(string); ok && len(s) > int(rule.(float64)) {
				say("too long")
			}
		case "pattern":
			if s, ok := value.(string); ok && !regexp.MustCompile(rule.(string)).MatchString(s) {
				say("pattern")
			}
		case "anyOf":
			if !slices.ContainsFunc(rule.([]any), func(s any) bool { return j.check(s.(map[string]any), value, at) == nil }) {
				say("none of anyOf")
			}
		case "items":
			list, _ := value.([]any)
			for i, item := range list {
				wrong = append(wrong, j.check(rule.(map[string]any), item, fmt.Sprintf("%s/%d", at, i))...)
			}
		case "properties", "additionalProperties", "required":
			// together, below
		default:
			say("the schema holds the word %s, which this judge does not know", word)
		}
	}
	return append(wrong, j.object(schema, value, at)...)
}

func (j schemaJudge) object(schema map[string]any, value any, at string) []string {
	var wrong []string
	object, ok := value.(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	if !ok || properties == nil {
		return nil
	}
	for key, v := range object {
		if p, known := properties[key]; known {
			wrong = append(wrong, j.check(p.(map[string]any), v, at+"/"+key)...)
		} else if schema["additionalProperties"] == false {
			wrong = append(wrong, at+"/"+key+": unknown")
		}
	}
	required, _ := schema["required"].([]any)
	for _, key := range required {
		if _, found := object[key.(string)]; !found {
			wrong = append(wrong, fmt.Sprintf("%s/%s: missing", at, key))
		}
	}
	return wrong
}

func hasType(value any, name string) bool {
	switch v := value.(type) {
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	default:
		return false
	}
}
