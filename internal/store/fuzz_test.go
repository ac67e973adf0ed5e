package store

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// FuzzRow feeds garbage as a row of each table: it becomes an entity that holds
// to the rules, or an error.
func FuzzRow(f *testing.F) {
	for _, row := range []string{
		`{"name":"vm1","switch":["uuid","00000000-0000-0000-0000-000000000001"],"key":1,"kind":"guest","mac":"f2:01:0a:00:00:01","addresses":"10.0.0.1","seq":3}`,
		`{"name":"lr","hosts":"a,b","ttl":"full","ecmp":"source","egress":"edge","datapath":["uuid","00000000-0000-0000-0000-000000000001"]}`,
		`{"name":"web","kind":"overlay","flood":"none","dns":["map",[["a","10.0.0.1"]]],"dhcp_options":["map",[["mtu","1400"],["42","0a"]]],"subnets":["set",["10.0.0.0/24","fd00::/64"]]}`,
		`{"backends":["map",[["10.0.0.1:80",1]]],"health":["map",[["interval","5s"]]],"address":"10.0.0.9","ports":["set",["80-90"]],"exclude":"10.0.0.1-10.0.0.3"}`,
		`{"key":-1,"name":["set",[]],"addresses":["set",[["set",1]]]}`, `[]`, `{`, `{"a":`, `{"name":"\u00e9\"\\"}`,
	} {
		f.Add([]byte(row))
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		var r reader
		for i := range tables {
			e, err := tables[i].entity(logical.UUID{1}, row, &r)
			if (e == nil) == (err == nil) {
				t.Fatalf("%s: entity %v, error %v", tables[i].name, e, err)
			}
			if err == nil && json.Valid(row) && encode(e) != nil {
				again(t, &tables[i], e)
			}
		}
	})
}

// again: what was read, written and read is the same.
func again(t *testing.T, table *table, e logical.Entity) {
	t.Helper()
	text, err := json.Marshal(encode(e))
	if err != nil {
		t.Fatal(err)
	}
	var r reader
	back, err := table.entity(e.Ref().UUID, text, &r)
	if err != nil {
		t.Fatalf("%s: %v\n%s", table.name, err, text)
	}
	if diff := cmp.Diff(e, back, plain); diff != "" {
		t.Fatalf("%s:\n%s\n%s", table.name, diff, text)
	}
}

// FuzzUpdate feeds garbage as an update: it is applied or refused.
func FuzzUpdate(f *testing.F) {
	f.Add([]byte(`{"Switch":{"00000000-0000-0000-0000-000000000001":{"initial":{"name":"web","kind":"overlay","flood":"none"}}}}`),
		[]byte(`{"Switch":{"00000000-0000-0000-0000-000000000001":{"modify":{"subnets":["set",["10.0.0.0/8"]],"dns":["map",[["a","10.0.0.1"]]]}}}}`))
	f.Add([]byte(`{"Switch":{"x":{"initial":null}}}`), []byte(`{"Switch":{"00000000-0000-0000-0000-000000000001":{"delete":null}}}`))
	f.Fuzz(func(_ *testing.T, first, second []byte) {
		c := newCache()
		if _, _, err := c.apply(first, true); err != nil {
			return
		}
		_, _, _ = c.apply(second, false)
		c.snapshot.Conflicts()
	})
}

// FuzzFrames cuts a stream anywhere: what comes out is JSON, and no byte of it is
// lost or made up.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(`{"a":"}\"]"} [1,{"b":[]}]`), 3)
	f.Add([]byte(`{"a":1}{"b":2}x`), 1)
	f.Fuzz(func(t *testing.T, stream []byte, chunk int) {
		frames := frames{r: &chunked{stream, max(chunk%50, 1)}}
		var got []byte
		for {
			m, err := frames.next()
			if err != nil {
				break
			}
			if !json.Valid(m) {
				t.Fatalf("%q", m)
			}
			got = append(got, m...)
		}
		space := func(b []byte) []byte { return bytes.Join(bytes.Fields(b), nil) }
		if !bytes.HasPrefix(space(stream), space(got)) {
			t.Fatalf("%q became %q", stream, got)
		}
	})
}

// chunked gives a few bytes at a time.
type chunked struct {
	rest []byte
	n    int
}

func (c *chunked) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(c.n, len(p))], c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
