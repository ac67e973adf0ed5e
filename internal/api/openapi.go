package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// object is a JSON object of the description; its keys are printed sorted.
type object = map[string]any

// OpenAPI returns the OpenAPI 3.1 description of /v1: paths from the routes that
// the server serves, schemas from the wire types.
func OpenAPI() (json.RawMessage, error) {
	s := schemas{}
	fault := object{"description": "The error, as JSON.", "content": jsonContent(s.of(reflect.TypeFor[Error]()))}
	paths := object{}
	for _, rt := range routes() {
		paths[rt.path] = object{strings.ToLower(rt.method): operation(rt, s)}
	}
	doc := object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Sluice local API", "version": "v1",
			"description": "HTTP over a unix socket, by default /run/sluice/api.sock. Members may be added to answers; " +
				"unknown members of a request are refused.",
		},
		"paths":      paths,
		"components": object{"schemas": s, "responses": object{"Error": fault}},
	}
	text, err := Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("describe the api: %w", err)
	}
	return text, nil
}

func operation(rt route, s schemas) object {
	content := object{}
	if rt.response != nil {
		content = jsonContent(s.of(rt.response))
	}
	if rt.stream != nil {
		content[ndjson] = object{"schema": s.of(rt.stream)}
	}
	op := object{
		"operationId": rt.id,
		"summary":     rt.summary,
		"responses": object{
			"200":     object{"description": "Done.", "content": content},
			"default": object{"$ref": "#/components/responses/Error"},
		},
	}
	if rt.request != nil {
		op["requestBody"] = object{"content": jsonContent(s.of(rt.request))}
	}
	var parameters []object
	if strings.Contains(rt.path, "{name}") {
		parameters = append(parameters, object{"name": "name", "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, name := range rt.query {
		parameters = append(parameters, object{"name": name, "in": "query", "schema": object{"type": "string"}})
	}
	if parameters != nil {
		op["parameters"] = parameters
	}
	return op
}

func jsonContent(schema object) object {
	return object{"application/json": object{"schema": schema}}
}

// schemas are the named schemas, by type name.
type schemas map[string]object

// of returns the schema of a wire type; structs become a reference.
func (s schemas) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return object{"description": "Any JSON value."}
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[time.Duration]():
		return object{"type": "integer", "format": "int64", "description": "Nanoseconds."}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		if _, known := s[t.Name()]; !known {
			s[t.Name()] = object{} // ends recursion
			s[t.Name()] = s.structure(t)
		}
		return object{"$ref": "#/components/schemas/" + t.Name()}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		if e, ok := reflect.Zero(t).Interface().(interface{ values() []string }); ok {
			return object{"type": "string", "enum": e.values()}
		}
		return object{"type": "string"}
	default: // the integers
		return object{"type": "integer"}
	}
}

// structure describes the members as encoding/json writes them; those that it
// never leaves out are required, except in requests, where all may be left out.
func (s schemas) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		properties[name] = s.of(f.Type)
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	out := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	if strings.HasSuffix(t.Name(), "Request") {
		out["additionalProperties"] = false
	}
	return out
}

func (Severity) values() []string {
	return words(SeverityError, SeverityWarning, SeverityInfo)
}

func (Op) values() []string {
	return words(OpCreate, OpDelete, OpSet, OpUnset, OpClaim, OpForget, OpDisown)
}

func (Class) values() []string {
	return words(ClassLive, ClassPMDRecreation, ClassPortRestart, ClassRestartNeeded)
}

func (Word) values() []string {
	return words(Words()...)
}

func (PassResult) values() []string {
	return words(PassConverged, PassChanged, PassPending, PassRefused, PassFailed, PassWaiting)
}

func (Code) values() []string {
	return words(CodeFailed, CodeUsage, CodeNotFound, CodeConflict, CodeUnavailable)
}

func words[S ~string](vs ...S) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = string(v)
	}
	return out
}
