package ipfix

import (
	"encoding/binary"
)

// Field is one element of a template.
type Field struct {
	Element    uint16 // number in the registry of its enterprise, without the enterprise bit
	Length     uint16 // bytes; 65535 = each record says it
	Enterprise uint32 // 0 = IANA's registry
}

// template says how the records of a data set are to be read.
type template struct {
	fields  []Field
	scope   int // the fields of an options template that say what its records are about; 0 = flows
	builtIn bool
	steps   []step
	least   int // bytes of the shortest record
	fixed   bool
}

// newTemplate makes a template that can read records; nil where they would have no
// bytes, or more than a message can hold.
func newTemplate(fields []Field, scope int) *template {
	t := &template{fields: fields, scope: scope, steps: compile(fields), fixed: true}
	for _, f := range fields {
		if f.Length == variable {
			t.least, t.fixed = t.least+1, false
		} else {
			t.least += int(f.Length)
		}
	}
	if t.least == 0 || t.least > 65535-headerLength-setHeader {
		return nil
	}
	return t
}

// same tells whether records of both read alike.
func (t *template) same(o *template) bool {
	if t.scope != o.scope || len(t.fields) != len(o.fields) {
		return false
	}
	for i, f := range t.fields {
		if o.fields[i] != f {
			return false
		}
	}
	return true
}

// definition is a template as a message brings it; without fields it is withdrawn.
type definition struct {
	id     uint16
	fields []Field
	scope  int
}

// definitions reads the templates of a set (RFC 7011, sections 3.4.1 and 3.4.2.2) and
// calls take with each. What is taken before an error is right.
func definitions(s set, take func(definition) *MalformedError) *MalformedError {
	b := s.body
	// Fewer bytes than a template's head are padding.
	for len(b) >= 4 {
		at := s.offset + len(s.body) - len(b)
		d := definition{id: binary.BigEndian.Uint16(b)}
		n := int(binary.BigEndian.Uint16(b[2:]))
		if d.id == 0 && n == 0 && allZero(b) {
			return nil // padding of more than was needed
		}
		b = b[4:]
		whole := d.id == s.id && n == 0 // all of this kind are withdrawn
		switch {
		case d.id < firstDataSet && !whole:
			return malformed(ReasonTemplate, at, "template number %d is reserved", d.id)
		case n > maxFields:
			return malformed(ReasonTemplate, at, "template %d has %d fields", d.id, n)
		}
		if s.id == setOptions && n > 0 {
			if len(b) < 2 {
				return malformed(ReasonTemplate, at, "options template %d is cut off", d.id)
			}
			d.scope, b = int(binary.BigEndian.Uint16(b)), b[2:]
			if d.scope == 0 || d.scope > n {
				return malformed(ReasonTemplate, at, "options template %d has %d fields and a scope of %d", d.id, n, d.scope)
			}
		}
		var err *MalformedError
		if d.fields, b, err = specifiers(b, n, at, d.id); err != nil {
			return err
		}
		if err := take(d); err != nil {
			err.Offset = at
			return err
		}
	}
	return nil
}

// specifiers reads the fields of a template (RFC 7011, section 3.2).
func specifiers(b []byte, n, at int, id uint16) ([]Field, []byte, *MalformedError) {
	if n*4 > len(b) {
		return nil, b, malformed(ReasonTemplate, at, "template %d says %d fields and is cut off", id, n)
	}
	fields := make([]Field, 0, n)
	for range n {
		if len(b) < 4 {
			return nil, b, malformed(ReasonTemplate, at, "template %d says %d fields and is cut off", id, n)
		}
		f := Field{Element: binary.BigEndian.Uint16(b), Length: binary.BigEndian.Uint16(b[2:])}
		b = b[4:]
		if f.Element&enterpriseBit != 0 {
			if len(b) < 4 {
				return nil, b, malformed(ReasonTemplate, at, "template %d is cut off in an enterprise number", id)
			}
			f.Element &^= enterpriseBit
			f.Enterprise, b = binary.BigEndian.Uint32(b), b[4:]
		}
		fields = append(fields, f)
	}
	return fields, b, nil
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
