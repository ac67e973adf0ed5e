package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// dot is the network in Graphviz' language; names are quoted as it wants them.
func (t topology) dot(b *strings.Builder) {
	b.WriteString("graph network {\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n")
	for _, r := range t.Routers {
		fmt.Fprintf(b, "  %s [shape=ellipse, label=%s];\n", quoted("router "+r.Name), quoted(r.Name+pinned(r)))
	}
	for _, s := range t.Switches {
		fmt.Fprintf(b, "  %s [shape=box, label=%s];\n", quoted("switch "+s.Name), quoted(strings.Join(s.label(), "\n")))
		for _, o := range s.Outside {
			fmt.Fprintf(b, "  %s [shape=plaintext, label=%s];\n  %s -- %s;\n", quoted("port "+o.Port), quoted(o.At), quoted("switch "+s.Name), quoted("port "+o.Port))
		}
	}
	for _, l := range t.Links {
		fmt.Fprintf(b, "  %s -- %s [label=%s];\n", quoted("router "+l.Router), quoted("switch "+l.Switch), quoted(joined(l.Networks)))
	}
	b.WriteString("}\n")
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func (s topoSwitch) label() []string {
	lines := []string{s.Name, s.Kind}
	if len(s.Subnets) > 0 {
		lines = append(lines, joined(s.Subnets))
	}
	return append(lines, guests(s))
}

// node is a box of the picture.
type node struct {
	id     string
	class  string // "router", "switch" or "outside"
	lines  []string
	column int
	order  float64 // within the column
	x, y   int
	w, h   int
}

// Measures of the picture, in pixels.
const (
	lineHeight = 18
	charWidth  = 8
	gapX, gapY = 190, 24
	margin     = 20
)

// svg is the network as a picture. Columns are steps from the nodes at the outside,
// or from the router with the most links where there is none.
func (t topology) svg(b *strings.Builder) {
	nodes, edges := t.graph()
	layout(nodes, edges)
	width, height := margin, margin
	at := map[string]*node{}
	for _, n := range nodes {
		at[n.id] = n
		width, height = max(width, n.x+n.w+margin), max(height, n.y+n.h+margin)
	}
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">`+"\n", width, height, width, height)
	b.WriteString("<style>rect{fill:#fff;stroke:#345;stroke-width:1.5}.router{fill:#e4eefb}.switch{fill:#eef7e8}.outside{fill:#f6f0e2;stroke-dasharray:4 3}" +
		"line{stroke:#678;stroke-width:1.5}.net{font-size:11px;fill:#456}</style>\n")
	b.WriteString(`<rect width="100%" height="100%" style="stroke:none"/>` + "\n")
	for _, e := range edges {
		from, to := at[e.from], at[e.to]
		x1, y1, x2, y2 := from.x+from.w/2, from.y+from.h/2, to.x+to.w/2, to.y+to.h/2
		fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", x1, y1, x2, y2)
	}
	for _, e := range edges {
		from, to := at[e.from], at[e.to]
		if from.x > to.x {
			from, to = to, from
		}
		if e.label != "" {
			fmt.Fprintf(b, `<text class="net" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n",
				(from.x+from.w+to.x)/2, (from.y+from.h/2+to.y+to.h/2)/2-4, escaped(e.label))
		}
	}
	for _, n := range nodes {
		round := 2
		if n.class == "router" {
			round = n.h / 2
		}
		fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="%d"/>`+"\n", n.class, n.x, n.y, n.w, n.h, round)
		for i, line := range n.lines {
			fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", n.x+n.w/2, n.y+(i+1)*lineHeight, escaped(line))
		}
	}
	b.WriteString("</svg>\n")
}

func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// edge is a line of the picture.
type edge struct{ from, to, label string }

func (t topology) graph() ([]*node, []edge) {
	var nodes []*node
	var edges []edge
	add := func(class, name string, lines ...string) {
		n := &node{id: class + " " + name, class: class, lines: lines, column: -1, h: len(lines)*lineHeight + 10}
		for _, line := range lines {
			n.w = max(n.w, utf8.RuneCountInString(line)*charWidth+24)
		}
		nodes = append(nodes, n)
	}
	for _, r := range t.Routers {
		lines := []string{r.Name}
		if len(r.Hosts) > 0 {
			lines = append(lines, "on "+strings.Join(r.Hosts, ", else "))
		}
		add("router", r.Name, lines...)
	}
	for _, s := range t.Switches {
		add("switch", s.Name, s.label()...)
		for _, o := range s.Outside {
			add("outside", o.Port, "outside", o.At)
			edges = append(edges, edge{"outside " + o.Port, "switch " + s.Name, ""})
		}
	}
	for _, l := range t.Links {
		edges = append(edges, edge{"router " + l.Router, "switch " + l.Switch, joined(l.Networks)})
	}
	return nodes, edges
}

// layout gives nodes their places: columns by breadth-first search, within a column
// by the mean of the neighbours in the column before.
func layout(nodes []*node, edges []edge) {
	near := map[string][]*node{}
	at := map[string]*node{}
	for _, n := range nodes {
		at[n.id] = n
	}
	for _, e := range edges {
		near[e.from] = append(near[e.from], at[e.to])
		near[e.to] = append(near[e.to], at[e.from])
	}
	last := columns(nodes, near)
	x := margin
	for c := range last + 1 {
		var column []*node
		for _, n := range nodes {
			if n.column == c {
				column = append(column, n)
			}
		}
		for i, n := range column {
			n.order = mean(near[n.id], c-1, float64(i))
		}
		slices.SortStableFunc(column, func(a, b *node) int { return cmp.Compare(a.order, b.order) })
		widest, y := 0, margin
		for i, n := range column {
			n.x, n.y, n.order = x, y, float64(i)
			y += n.h + gapY
			widest = max(widest, n.w)
		}
		x += widest + gapX
	}
}

// columns numbers the nodes by their distance from where drawing begins, and
// returns the last number.
func columns(nodes []*node, near map[string][]*node) int {
	roots := slices.Clone(nodes)
	rank := map[string]int{"outside": 0, "router": 1, "switch": 2}
	slices.SortStableFunc(roots, func(a, b *node) int {
		return cmp.Or(cmp.Compare(rank[a.class], rank[b.class]), -cmp.Compare(len(near[a.id]), len(near[b.id])))
	})
	last := 0
	// All of the outside begins together; what it does not reach begins by itself.
	for i := 0; i < len(roots); i++ {
		if roots[i].column >= 0 {
			continue
		}
		queue := []*node{roots[i]}
		for roots[i].class == "outside" && i+1 < len(roots) && roots[i+1].class == "outside" {
			i++
			queue = append(queue, roots[i])
		}
		for _, n := range queue {
			n.column = 0
		}
		for len(queue) > 0 {
			n := queue[0]
			queue = queue[1:]
			last = max(last, n.column)
			for _, m := range near[n.id] {
				if m.column < 0 {
					m.column = n.column + 1
					queue = append(queue, m)
				}
			}
		}
	}
	return last
}

// mean is the mean place of the neighbours in a column, or what it was.
func mean(neighbours []*node, column int, was float64) float64 {
	sum, count := 0.0, 0
	for _, m := range neighbours {
		if m.column == column {
			sum, count = sum+m.order, count+1
		}
	}
	if count == 0 {
		return was
	}
	return sum / float64(count)
}
