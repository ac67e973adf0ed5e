package configs

import (
	"encoding"
	"reflect"
	"strings"

	"github.com/spf13/pflag"
)

// settingKey is one setting: its place, default and meaning.
type settingKey struct {
	path  string // "metrics.tls.clientCA"
	value string // the default, as text
	usage string
	rules rules
}

// settingKeys lists every setting in the file's order.
func settingKeys() []settingKey {
	return keysOf(fresh(reflect.TypeFor[rawSettings]()), "")
}

func keysOf(v reflect.Value, at string) []settingKey {
	var keys []settingKey
	for _, f := range fieldsOf(v.Type()) {
		field := v.Field(f.index)
		if field.Kind() == reflect.Struct {
			keys = append(keys, keysOf(field, join(at, f.key))...)
			continue
		}
		usage := v.Type().Field(f.index).Tag.Get("usage")
		keys = append(keys, settingKey{path: join(at, f.key), value: textOf(field), usage: usage, rules: f.rules})
	}
	return keys
}

// fieldAt returns the field of a raw struct by its dotted path.
func fieldAt(v reflect.Value, at string) reflect.Value {
	key, rest, deeper := strings.Cut(at, ".")
	for _, f := range fieldsOf(v.Type()) {
		if f.key == key && deeper {
			return fieldAt(v.Field(f.index), rest)
		}
		if f.key == key {
			return v.Field(f.index)
		}
	}
	panic("configs: no setting " + at)
}

func textOf(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			panic("configs: setting: " + err.Error())
		}
		return string(text)
	default:
		return v.String()
	}
}

func setText(v reflect.Value, r rules, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	v.SetString(text)
	return r.oneOf(text)
}

// origin says where a value came from that is neither the default nor the
// file's, which was checked before.
func (k settingKey) origin(flags *pflag.FlagSet) string {
	if flags != nil && flags.Changed(k.flag()) {
		return "--" + k.flag()
	}
	return k.env()
}

func (k settingKey) flag() string { return strings.Join(k.words(), "-") }

func (k settingKey) env() string { return "SLUICE_" + strings.ToUpper(strings.Join(k.words(), "_")) }

// words splits metrics.tls.clientCA into metrics, tls, client, ca.
func (k settingKey) words() []string {
	var b strings.Builder
	lower := false
	for _, r := range k.path {
		upper := r >= 'A' && r <= 'Z'
		if upper && lower {
			b.WriteByte('.')
		}
		lower = !upper && r != '.'
		b.WriteRune(r)
	}
	return strings.Split(strings.ToLower(b.String()), ".")
}
