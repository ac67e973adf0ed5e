package sluice_test

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

// world is the door that is about functions, not about a package.
const world = "files, environment, clock"

// door is a row of the table "Who touches the outside".
type door struct {
	what    string
	paths   []string // beginnings of import paths; for world the packages in question
	keepers []string // packages, patterns "dir/*", or single files
	tests   bool     // every test may, too
}

func (d door) open(f source) bool {
	if d.tests && f.test {
		return true
	}
	return slices.ContainsFunc(d.keepers, func(keeper string) bool {
		if dir, ok := strings.CutSuffix(keeper, "/*"); ok {
			return path.Dir(f.pkg) == dir
		}
		return keeper == f.pkg || keeper == f.path
	})
}

// parseDoors reads the table "Who touches the outside".
func parseDoors(doc string) ([]door, error) {
	rows, err := table(doc, "Who touches the outside", 3)
	if err != nil {
		return nil, err
	}
	var doors []door
	for _, row := range rows {
		d := door{what: row[0], paths: quoted(row[1]), keepers: quoted(row[2]), tests: strings.HasSuffix(row[2], ", tests")}
		if len(d.paths) == 0 || len(d.keepers) == 0 {
			return nil, fmt.Errorf("row %q: nothing in backquotes", d.what)
		}
		doors = append(doors, d)
	}
	if !slices.ContainsFunc(doors, func(d door) bool { return d.what == world }) {
		return nil, fmt.Errorf("no row %q", world)
	}
	return doors, nil
}

// checkDoors says what a file imports or calls that is not its to touch.
func checkDoors(doors []door, f source) []string {
	var complaints []string
	for _, d := range doors {
		if d.open(f) {
			continue
		}
		if d.what == world {
			complaints = append(complaints, worldly(f)...)
			continue
		}
		for _, p := range importsOf(f) {
			if slices.ContainsFunc(d.paths, func(prefix string) bool { return strings.HasPrefix(p, prefix) }) {
				complaints = append(complaints, fmt.Sprintf("%s may not import %s: %s is kept by %s", f.pkg, p, d.what, strings.Join(d.keepers, ", ")))
			}
		}
	}
	return complaints
}

// harmless is what of package os neither reads nor changes the world.
var harmless = []string{
	"ErrClosed", "ErrDeadlineExceeded", "ErrExist", "ErrInvalid", "ErrNotExist", "ErrPermission", "IsExist", "IsNotExist",
	"DirEntry", "FileInfo", "FileMode", "Interrupt", "LinkError", "PathError", "Signal", "SyscallError",
}

// clock and disk are what of time and path/filepath does.
var (
	clock = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}
	disk  = []string{"Abs", "EvalSymlinks", "Glob", "Walk", "WalkDir"}
)

// worldly says where a file reads files, the environment or the clock itself.
func worldly(f source) []string {
	names := map[string]string{} // local name -> import path
	var complaints []string
	for _, spec := range f.file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		switch p {
		case "io/ioutil":
			complaints = append(complaints, f.pkg+" may not import io/ioutil: it gets files as values")
		case "os", "time", "path/filepath":
			name := path.Base(p)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			if name == "." {
				complaints = append(complaints, "dot import of "+p)
			}
			names[name] = p
		}
	}
	ast.Inspect(f.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if ident, ok := selector.X.(*ast.Ident); ok && touches(names[ident.Name], selector.Sel.Name) {
			complaints = append(complaints, fmt.Sprintf("%s may not use %s.%s: it gets files, environment and time as values",
				f.pkg, ident.Name, selector.Sel.Name))
		}
		return true
	})
	return complaints
}

// touches says whether a name of a standard package reads or changes the world.
func touches(pkg, name string) bool {
	switch pkg {
	case "os":
		return !slices.Contains(harmless, name) && !strings.HasPrefix(name, "Mode")
	case "time":
		return slices.Contains(clock, name)
	case "path/filepath":
		return slices.Contains(disk, name)
	}
	return false
}
