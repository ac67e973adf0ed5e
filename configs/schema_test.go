package configs

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// TestSchema generates the schema from the raw types, their tags, comments and
// defaults, and compares it with the one that is shipped. With -update it
// writes it: that is what go generate runs.
func TestSchema(t *testing.T) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(generateSchema(t)); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "schema.json", b.String())
	if !golden.Update() && !bytes.Equal(Schema(), b.Bytes()) {
		t.Error("the embedded schema is stale")
	}
}

func generateSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	comments := rawComments(t)
	r := jsonschema.Reflector{
		Anonymous:                  true,
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		ExpandedStruct:             true,
		Mapper:                     schemaOf,
		Namer:                      func(t reflect.Type) string { return strings.TrimPrefix(t.Name(), "raw") },
		LookupComment: func(t reflect.Type, field string) string {
			return comments[strings.TrimSuffix(t.Name()+"."+field, ".")]
		},
	}
	s := r.Reflect(&rawProfile{})
	s.Title = "Sluice host profile"
	withDefaults(t, s, reflect.TypeFor[rawProfile]())
	for _, v := range rawStructs(reflect.TypeFor[rawProfile]()) {
		if d, found := s.Definitions[strings.TrimPrefix(v.Name(), "raw")]; found {
			withDefaults(t, d, v)
		}
	}
	return s
}

// schemaOf describes the types that are written as text or in several shapes.
func schemaOf(t reflect.Type) *jsonschema.Schema {
	text := func(pattern string) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Pattern: pattern} }
	number := &jsonschema.Schema{Type: "integer", Minimum: "0"}
	or := func(s ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: s} }
	object := func(v any) *jsonschema.Schema {
		s := (&jsonschema.Reflector{Anonymous: true, FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true, Mapper: schemaOf}).Reflect(v)
		s.Version = ""
		return s
	}
	const name = `^[A-Za-z0-9_][A-Za-z0-9._-]*$`
	const variable = `\$\{[A-Za-z_][A-Za-z0-9_]*\}`
	limited := func(s *jsonschema.Schema, n uint64) *jsonschema.Schema { s.MaxLength = &n; return s }
	switch t {
	case reflect.TypeFor[kernelName]():
		return limited(text(name+`|`+variable), maxKernelName)
	case reflect.TypeFor[portName]():
		return limited(text(name+`|`+variable), maxPortName)
	case reflect.TypeFor[hostName]():
		return limited(text(name+`|`+variable), maxHostName)
	case reflect.TypeFor[cpuList](), reflect.TypeFor[autoList]():
		return or(text(""), number)
	case reflect.TypeFor[cores]():
		return or(text(""), number, object(&rawPerNode{}))
	case reflect.TypeFor[sockets]():
		return or(&jsonschema.Schema{Type: "string", Enum: []any{"auto", "none"}}, &jsonschema.Schema{Type: "array", Items: number})
	case reflect.TypeFor[rawDevice]():
		return or(text(pciForm.String()+`|`+variable), object(&rawDeviceMap{}))
	case reflect.TypeFor[duration]():
		return text(`^[0-9]+(us|ms|s|m)$|` + variable)
	case reflect.TypeFor[bitRate]():
		return or(number, text(`^[0-9]+[kMGT]?(bit|bps)?(/s)?$|`+variable))
	case reflect.TypeFor[byteSize]():
		return or(number, text(`^[0-9]+[kMG]?B?$|`+variable))
	case reflect.TypeFor[share]():
		return &jsonschema.Schema{Type: "number", Minimum: "0", Maximum: "1"}
	case reflect.TypeFor[fileMode]():
		return or(text(modeForm.String()), number)
	case reflect.TypeFor[optionClass]():
		return or(text(""), number)
	case reflect.TypeFor[dpdk.Init]():
		return &jsonschema.Schema{Enum: []any{"try", true, false}}
	case reflect.TypeFor[label](), reflect.TypeFor[argument](), reflect.TypeFor[collector](), reflect.TypeFor[address](),
		reflect.TypeFor[hostPrefix](), reflect.TypeFor[network](), reflect.TypeFor[endpoint](), reflect.TypeFor[macAddress](),
		reflect.TypeFor[directory](), reflect.TypeFor[socketPath](), reflect.TypeFor[optionalName]():
		return text("")
	}
	return nil
}

// withDefaults adds what setDefaults lays to the schema of a raw struct.
func withDefaults(t *testing.T, s *jsonschema.Schema, v reflect.Type) {
	t.Helper()
	value := fresh(v)
	for _, f := range fieldsOf(v) {
		p, found := s.Properties.Get(f.key)
		if !found {
			t.Fatalf("%s.%s is not in the schema", v, f.key)
		}
		field := value.Field(f.index)
		nothing := field.IsZero() && (field.Kind() != reflect.Bool && field.Kind() != reflect.Uint32)
		_, several := field.Interface().(nodeWriter)
		if f.rules.required || nothing && !several || field.Kind() == reflect.Struct && p.Ref != "" {
			continue
		}
		n, err := encode(field)
		if err != nil {
			t.Fatal(err)
		}
		if n.Kind != yaml.ScalarNode || n.Value == "" {
			continue
		}
		if err := n.Decode(&p.Default); err != nil {
			t.Fatal(err)
		}
	}
}

// rawStructs lists the raw structs that t refers to.
func rawStructs(t reflect.Type) []reflect.Type {
	var found []reflect.Type
	for i := range t.NumField() {
		f := t.Field(i).Type
		for f.Kind() == reflect.Pointer || f.Kind() == reflect.Slice {
			f = f.Elem()
		}
		if f.Kind() == reflect.Struct && schemaOf(f) == nil {
			found = append(append(found, f), rawStructs(f)...)
		}
	}
	return found
}

// rawComments returns the comments of the raw types ("rawPort") and their
// fields ("rawPort.MTU"); a raw type's begins with its name, which editors
// need not show.
func rawComments(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("raw*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no raw types: %v", err)
	}
	comments := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, id := range f.Names {
						comments[spec.Name.Name+"."+id.Name] = oneLine(f.Doc.Text())
					}
				}
			}
			return true
		})
	}
	return comments
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestRawComments keeps every key explained: the comments are what an editor shows.
func TestRawComments(t *testing.T) {
	comments := rawComments(t)
	for _, s := range append(rawStructs(reflect.TypeFor[rawProfile]()), reflect.TypeFor[rawProfile]()) {
		for i := range s.NumField() {
			if key := s.Name() + "." + s.Field(i).Name; !strings.HasSuffix(comments[key], ".") {
				t.Errorf("%s has no comment that is a sentence: %q", key, comments[key])
			}
		}
	}
}

// TestSchemaVerdicts lets a small judge read the schema: what is shipped
// conforms, what is misspelt or of a wrong type does not.
func TestSchemaVerdicts(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	verdict := func(data []byte) []string {
		var doc any
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		return schemaJudge{root}.check(root, value, "")
	}
	files := map[string][]byte{"reference": Reference()}
	for _, name := range Shipped() {
		files[name], _ = ShippedProfile(name)
	}
	for name, data := range files {
		if wrong := verdict(data); wrong != nil {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	for _, tc := range []struct{ file, want string }{
		{"unknown-key", "/bridges/0/ports/0/rxQueus: unknown"},
		{"unknown-section", "/colour: unknown"},
		{"api-version-missing", "/apiVersion: missing"},
		{"device-missing", "/bridges/0/ports/0/device: missing"},
		{"vhost-queues", "/vhost/ports/0/queues: above 128"},
		{"queues-zero", "/bridges/0/ports/0/rxQueues: below 1"},
		{"bool-quoted", "/dpdk/tso: not boolean"},
		{"overlay-role", "/overlay/role: not in enum"},
		{"bridge-name-long", "/bridges/0/name: too long"},
		{"sleep-unit", "/cpu/sleepMax: not string"},
		{"sleep-nanoseconds", "/cpu/sleepMax: pattern"},
		{"cpu-per-node-key", "/cpu/pmd: none of anyOf"},
		{"device-short", "/bridges/0/ports/0/device: none of anyOf"},
	} {
		data, err := os.ReadFile("testdata/invalid/" + tc.file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{tc.want}, verdict(data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.file, diff)
		}
	}
}
