package configs

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:generate go test -run ^TestSchema$ -update .

//go:embed reference.yaml vars.yaml sluiced.yaml schema.json profiles/*.yaml
var shipped embed.FS

// Reference returns the commented profile that shows every key. It needs no variables.
func Reference() []byte { return mustRead("reference.yaml") }

// ReferenceVars returns a commented variables file that every shipped profile
// can be read with.
func ReferenceVars() []byte { return mustRead("vars.yaml") }

// ReferenceSettings returns the daemon's settings file with every default.
func ReferenceSettings() []byte { return mustRead("sluiced.yaml") }

// Schema returns the JSON Schema (draft 2020-12) of the profile, for editors.
// It knows keys, types, ranges and enumerations; the rules among several
// values are Parse's alone.
func Schema() []byte { return mustRead("schema.json") }

// Shipped returns the names of the shipped profiles in ascending order.
func Shipped() []string {
	entries, err := shipped.ReadDir("profiles")
	if err != nil {
		panic("configs: " + err.Error()) // embedded: the build would have failed
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// ShippedProfile returns a shipped profile by its name, "demo" for instance.
func ShippedProfile(name string) ([]byte, error) {
	if !slices.Contains(Shipped(), name) {
		return nil, fmt.Errorf("no shipped profile %q; there are %s", name, strings.Join(Shipped(), ", "))
	}
	return mustRead("profiles/" + name + ".yaml"), nil
}

func mustRead(name string) []byte {
	data, err := shipped.ReadFile(name)
	if err != nil {
		panic("configs: " + err.Error()) // embedded: the build would have failed
	}
	return data
}
