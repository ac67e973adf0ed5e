package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// The picture of any network is XML with a box for each node, and no box covers
// another.
func TestSVG(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var drawn topology
		for i := range r.IntN(6) {
			drawn.Routers = append(drawn.Routers, topoRouter{Name: fmt.Sprintf(`r<%d>&"`, i), Hosts: []string{"h1", "h2"}[:r.IntN(3)]})
		}
		outsides := 0
		for i := range 1 + r.IntN(8) {
			s := topoSwitch{Name: fmt.Sprintf("s%d", i), Kind: "overlay", Guests: r.IntN(100)}
			for range r.IntN(3) {
				s.Outside = append(s.Outside, topoOutside{Port: fmt.Sprintf("out%d", outsides), At: "edge1 br-ex"})
				outsides++
			}
			drawn.Switches = append(drawn.Switches, s)
			for _, x := range drawn.Routers {
				if r.IntN(3) == 0 {
					drawn.Links = append(drawn.Links, topoLink{Router: x.Name, Switch: s.Name})
				}
			}
		}
		var b strings.Builder
		drawn.svg(&b)
		boxes := boxesOf(t, b.String())
		if want := len(drawn.Routers) + len(drawn.Switches) + outsides; len(boxes) != want {
			t.Fatalf("%d boxes of %d nodes:\n%s", len(boxes), want, b.String())
		}
		for i, p := range boxes {
			for _, q := range boxes[:i] {
				if p[0] < q[0]+q[2] && q[0] < p[0]+p[2] && p[1] < q[1]+q[3] && q[1] < p[1]+p[3] {
					t.Fatalf("box %v covers box %v:\n%s", p, q, b.String())
				}
			}
		}
	}
}

// boxesOf are x, y, width and height of the nodes' boxes.
func boxesOf(t *testing.T, svg string) [][4]int {
	t.Helper()
	var all [][4]int
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v:\n%s", err, svg)
		}
		e, ok := token.(xml.StartElement)
		if !ok || e.Name.Local != "rect" {
			continue
		}
		var box [4]int
		class := false
		for _, attr := range e.Attr {
			class = class || attr.Name.Local == "class"
			for i, name := range []string{"x", "y", "width", "height"} {
				if attr.Name.Local == name {
					box[i], _ = strconv.Atoi(attr.Value) // that of the background is no number
				}
			}
		}
		if class {
			all = append(all, box)
		}
	}
}
