package configs

import "reflect"

// minimal is what an empty file's message shows.
const minimal = "apiVersion: sluice/v1\nkind: HostProfile\ndpdk: {}"

// Parse decodes a profile strictly, fills in every default and checks every
// rule that needs nothing but the file. The error is an *Error that lists all
// problems with file, line and place. Parse has no effects and keeps no
// reference to data.
func Parse(data []byte, o Options) (*Profile, error) {
	d := newDecoder(o.File, &o.Vars)
	root, ok := d.document(data, "profile")
	raw := fresh(reflect.TypeFor[rawProfile]())
	switch {
	case ok && root == nil:
		d.say(0, "", "the profile is empty; the smallest one is\n%s", minimal)
	case ok:
		d.node(root, raw, "", rules{})
	}
	if err := errorOf(d.problems); err != nil {
		return nil, err
	}
	p := raw.Addr().Interface().(*rawProfile).profile()
	p.lines = d.lines
	c := checker{Profile: p, file: o.File}
	if p.Name == "" {
		c.nameFromHost(o.Hostname)
	}
	c.all()
	if err := errorOf(c.problems); err != nil {
		return nil, err
	}
	return p, nil
}
