package configs

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// comment is a key of reference.yaml with what is said of it.
type comment struct{ value, text string }

// referenceKeys walks a commented file: "bridges.ports.mtu" -> value and comment.
func referenceKeys(n *yaml.Node, at string, into map[string]comment) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			path := join(at, key.Value)
			if old, found := into[path]; !found || old.text == "" {
				into[path] = comment{value.Value, key.LineComment + value.LineComment}
			}
			referenceKeys(value, path, into)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			referenceKeys(item, at, into)
		}
	case yaml.DocumentNode, yaml.ScalarNode, yaml.AliasNode:
	}
}

// rawKey is a key of the raw types: its default as written, and the struct
// field that it is at every place of that struct.
type rawKey struct{ value, field string }

// rawKeys walks the raw types: "bridges.ports.mtu" -> its key.
func rawKeys(t *testing.T, typ reflect.Type, at string, into map[string]rawKey) {
	t.Helper()
	v := fresh(typ)
	for _, f := range fieldsOf(typ) {
		path, field := join(at, f.key), v.Field(f.index)
		elem := field.Type()
		for elem.Kind() == reflect.Pointer || elem.Kind() == reflect.Slice {
			elem = elem.Elem()
		}
		key := rawKey{field: typ.Name() + "." + f.key}
		if elem.Kind() == reflect.Struct && len(fieldsOf(elem)) > 0 {
			rawKeys(t, elem, path, into)
		} else if field.Kind() != reflect.Pointer && !f.rules.required {
			n, err := encode(field)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			key.value = n.Value
		}
		into[path] = key
	}
}

// TestReference keeps the reference whole and true: every key is there, each
// value is the default or its comment says what the default is.
func TestReference(t *testing.T) {
	p, err := Parse(Reference(), Options{File: "reference.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "nfv-01" || len(p.Bridges) != 2 {
		t.Errorf("reference has name %s and %d bridges", p.Name, len(p.Bridges))
	}
	checkReference(t, Reference(), reflect.TypeFor[rawProfile]())
}

func TestReferenceSettings(t *testing.T) {
	checkReference(t, ReferenceSettings(), reflect.TypeFor[rawSettings]())
	file := writeTemp(t, ReferenceSettings())
	got, err := LoadSettings(nil, file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := LoadSettings(nil, DefaultSettingsFile) // does not exist where tests run
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reference is not the defaults (-default +reference):\n%s", diff)
	}
}

func checkReference(t *testing.T, data []byte, typ reflect.Type) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	shown, known, fields := map[string]comment{}, map[string]rawKey{}, map[string]bool{}
	referenceKeys(doc.Content[0], "", shown)
	rawKeys(t, typ, "", known)
	for path := range shown {
		fields[known[path].field] = true
	}
	for _, path := range slices.Sorted(maps.Keys(known)) {
		got, found := shown[path]
		want := known[path].value
		if !found && !fields[known[path].field] {
			t.Errorf("%s is not shown, here or elsewhere", path)
		}
		if !found || got.value == want {
			continue
		}
		_, says, _ := strings.Cut(got.text, "default: ")
		switch { // 0 and "" may stand for what the comment says in words
		case says == "" && !strings.Contains(got.text, "required"):
			t.Errorf("%s: %s is not the default %q, and the comment does not say so: %q", path, got.value, want, got.text)
		case want != "" && want != "0" && !strings.HasPrefix(says, want):
			t.Errorf("%s: the comment %q does not tell the default %q", path, got.text, want)
		}
	}
}

// TestShipped parses every shipped profile with the shipped variables.
func TestShipped(t *testing.T) {
	vars, err := ParseVars("vars.yaml", ReferenceVars())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"demo", "one-socket", "two-socket", "vdev-only"}, Shipped()); diff != "" {
		t.Error(diff)
	}
	for _, name := range Shipped() {
		data, err := ShippedProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(data, Options{File: name + ".yaml", Vars: vars, Hostname: "nfv-01"}); err != nil {
			t.Error(err)
		}
	}
	if _, err := ShippedProfile("../reference"); err == nil {
		t.Error("a profile outside profiles was found")
	}
}

// TestDemoNeedsItsDirectory keeps the demonstration off the host's own sockets.
func TestDemoNeedsItsDirectory(t *testing.T) {
	data, err := ShippedProfile("demo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(data, Options{File: "demo.yaml", Vars: Vars{File: "vars.yaml"}}); err == nil || !strings.Contains(err.Error(), "${socket_dir}") {
		t.Errorf("without variables: %v", err)
	}
}

func writeTemp(t *testing.T, data []byte) string {
	t.Helper()
	name := t.TempDir() + "/file.yaml"
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
