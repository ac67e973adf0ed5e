package sluice_test

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// imports is the table "Who imports whom".
type imports struct {
	may      map[string][]string // package -> packages of ours that it may import
	anything []string            // packages that may import all
	everyone []string            // packages that all may import
	testOnly []string            // packages that only tests may import
}

// check says which imports of a file the table does not allow.
func (t imports) check(f source) []string {
	may, known := t.may[f.pkg]
	if f.pkg == "." {
		known = true // the root holds the house tests only
	}
	if !known {
		return []string{fmt.Sprintf("package %s is not in the table of docs/architecture.md", f.pkg)}
	}
	var complaints []string
	for _, p := range importsOf(f) {
		ours, ok := strings.CutPrefix(p, module+"/")
		if !ok || slices.Contains(may, ours) || slices.Contains(t.everyone, ours) {
			continue
		}
		if f.test && (ours == f.pkg || ours == "internal/lab" || slices.Contains(t.testOnly, ours)) {
			continue
		}
		if slices.Contains(t.anything, f.pkg) && !strings.HasPrefix(ours, "cmd/") {
			continue
		}
		complaints = append(complaints, fmt.Sprintf("%s may not import %s", f.pkg, ours))
	}
	return complaints
}

// parseImports reads the table. Rows allow "nothing", "anything", "everything
// above", or a list of packages by their whole or last names; what follows a
// semicolon is a remark, two of which have a meaning.
func parseImports(doc string) (imports, error) {
	t := imports{may: map[string][]string{}}
	rows, err := table(doc, "Who imports whom", 3)
	if err != nil {
		return t, err
	}
	for _, row := range rows {
		for _, pkg := range quoted(row[1]) {
			if _, twice := t.may[pkg]; twice {
				return t, fmt.Errorf("%s has two rows", pkg)
			}
			t.may[pkg] = nil
		}
	}
	var above []string
	for _, row := range rows {
		allowed, remark, _ := strings.Cut(row[2], ";")
		packages, err := t.resolve(strings.TrimSpace(allowed), above)
		if err != nil {
			return t, fmt.Errorf("row of %s: %w", row[1], err)
		}
		for _, pkg := range quoted(row[1]) {
			t.may[pkg] = packages
			if allowed == "anything" {
				t.anything = append(t.anything, pkg)
			}
			switch remark {
			case "":
			case " everybody may import it":
				t.everyone = append(t.everyone, pkg)
			case " imported by tests only":
				t.testOnly = append(t.testOnly, pkg)
				continue
			default:
				return t, fmt.Errorf("row of %s: unknown remark %q", pkg, remark)
			}
			if !strings.HasPrefix(pkg, "cmd/") {
				above = append(above, pkg)
			}
		}
	}
	return t, nil
}

func (t imports) resolve(allowed string, above []string) ([]string, error) {
	switch allowed {
	case "nothing", "anything":
		return nil, nil
	case "everything above":
		return slices.Clone(above), nil
	}
	var packages []string
	for name := range strings.SplitSeq(allowed, ", ") {
		found := t.named(name)
		if len(found) == 0 || len(found) > 1 && !strings.HasSuffix(name, "/*") {
			return nil, fmt.Errorf("%q names %d packages: %v", name, len(found), found)
		}
		packages = append(packages, found...)
	}
	return packages, nil
}

// named returns the packages that a name of the table means.
func (t imports) named(name string) []string {
	if _, ok := t.may[name]; ok {
		return []string{name}
	}
	var found []string
	for _, pkg := range slices.Sorted(maps.Keys(t.may)) {
		parent, every := strings.CutSuffix(name, "/*")
		if every && strings.HasSuffix("/"+path.Dir(pkg), "/"+parent) || !every && strings.HasSuffix(pkg, "/"+name) {
			found = append(found, pkg)
		}
	}
	return found
}

// table returns the cells of the first table under a heading, without its head.
func table(doc, heading string, columns int) ([][]string, error) {
	_, text, ok := strings.Cut(doc, "\n## "+heading+"\n")
	if !ok {
		return nil, fmt.Errorf("no heading %q", heading)
	}
	var rows [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if len(rows) > 0 {
				break
			}
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != columns {
			return nil, fmt.Errorf("%s: %d cells instead of %d: %s", heading, len(cells), columns, line)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	if len(rows) < 3 {
		return nil, fmt.Errorf("no table under %q", heading)
	}
	return rows[2:], nil
}

// quoted returns what stands in backquotes.
func quoted(cell string) []string {
	var names []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		names = append(names, m[1])
	}
	return names
}
