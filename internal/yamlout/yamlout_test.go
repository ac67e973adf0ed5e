package yamlout_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-nfv/sluice/internal/yamlout"
)

func TestWrite(t *testing.T) {
	type port struct {
		Name  string   `json:"name"`
		MTU   int      `json:"mtu,omitempty"`
		Pins  []int    `json:"pins"`
		Share *float64 `json:"share"`
	}
	tests := []struct {
		v    any
		want string
	}{
		{nil, "null\n"},
		{"text", "text\n"},
		{[]int{}, "[]\n"},
		{map[string]int{}, "{}\n"},
		{
			struct {
				Zone  int    `json:"zone"`
				Ports []port `json:"ports"`
				A     bool   `json:"a"`
			}{7, []port{{Name: "vhu0", MTU: 9000, Pins: []int{0, 1}}, {Name: "off"}}, true},
			`zone: 7
ports:
  - name: vhu0
    mtu: 9000
    pins:
      - 0
      - 1
    share: null
  - name: "off"
    pins: null
    share: null
a: true
`,
		},
		{json.RawMessage(`{"packets":18446744073709551615,"ratio":1e-7,"one":1.0,"big":1e+21}`), "packets: 18446744073709551615\nratio: 1e-7\none: 1.0\nbig: 1e+21\n"},
		{
			[]string{"", "null", "0x10", "1e3", "yes", "~", "2026-11-21", "10:20:30", "a: b", "- c", "<<", "vf #1", " x ", "två\nrader\n"},
			"- \"\"\n- \"null\"\n- \"0x10\"\n- \"1e3\"\n- \"yes\"\n- \"~\"\n- \"2026-11-21\"\n- \"10:20:30\"\n- 'a: b'\n- '- c'\n- \"<<\"\n- 'vf #1'\n- ' x '\n- |\n  två\n  rader\n",
		},
		{json.RawMessage(`{"z":{"b":1,"a":[{"c":[[]]}]}}`), "z:\n  b: 1\n  a:\n    - c:\n        - []\n"},
	}
	for _, tt := range tests {
		var b strings.Builder
		if err := yamlout.Write(&b, tt.v); err != nil {
			t.Errorf("%v: %v", tt.v, err)
		} else if diff := cmp.Diff(tt.want, b.String()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.v, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	var b strings.Builder
	var unsupported *json.UnsupportedValueError
	if err := yamlout.Write(&b, math.NaN()); !errors.As(err, &unsupported) || b.Len() > 0 {
		t.Errorf("NaN: %v, wrote %q", err, b.String())
	}
	if err := yamlout.Write(full{}, "text"); !errors.Is(err, errFull) {
		t.Errorf("a writer that fails: %v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// FuzzWrite: what YAML reads back is what JSON reads.
func FuzzWrite(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-2.5,1e3,true,null,"x"]}`, `"\u0000\u0085\u2028\ufeff"`, `"a\r\nb\n\n"`, `["<<","=","1_000","0o7",".inf","12:30:45"]`,
		`{"":{"\n":" lead"},"? x":"trail "}`, `"\t#"`, `[[],{},[[{}]]]`, `"---"`, `"...\n"`, `-0`, `"\n a"`, `"\tb\nn\n"`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want any
		if json.Unmarshal([]byte(text), &want) != nil {
			return
		}
		canonical, err := json.Marshal(want) // without keys that come twice
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := yamlout.Write(&b, json.RawMessage(canonical)); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var got any
		if err := yaml.Unmarshal([]byte(b.String()), &got); err != nil {
			t.Fatalf("%s:\n%s%v", text, b.String(), err)
		}
		back, err := json.Marshal(got)
		if err != nil {
			t.Fatalf("%s:\n%s%v", text, b.String(), err)
		}
		var read any
		if err := json.Unmarshal(back, &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, read); diff != "" {
			t.Errorf("%s:\n%s(-json +yaml)\n%s", text, b.String(), diff)
		}
	})
}
