package configs

import (
	"fmt"
	"reflect"
	"strings"
)

// dump prints a profile one field a line, so that a golden file can be read.
func dump(p *Profile) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(*p), "")
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value, at string) {
	if s, ok := v.Interface().(fmt.Stringer); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		fmt.Fprintf(b, "%s = %q\n", at, s)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			fmt.Fprintf(b, "%s = absent\n", at)
			return
		}
		dumpValue(b, v.Elem(), at)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				dumpValue(b, v.Field(i), join(at, f.Name))
			}
		}
	case reflect.Slice:
		if v.Len() == 0 {
			fmt.Fprintf(b, "%s = none\n", at)
		}
		for i := range v.Len() {
			dumpValue(b, v.Index(i), fmt.Sprintf("%s[%d]", at, i))
		}
	case reflect.String:
		fmt.Fprintf(b, "%s = %q\n", at, v)
	default:
		fmt.Fprintf(b, "%s = %v\n", at, v)
	}
}
