package host_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
)

// strict is a test that notes that it failed.
type strict struct {
	testing.TB
	failed string
}

func (s *strict) Helper() {}

func (s *strict) Fatalf(format string, args ...any) { s.failed = fmt.Sprintf(format, args...) }

func (s *strict) Fatal(args ...any) { s.failed = fmt.Sprint(args...) }

// TestRunningMachineIsLeftAlone proves that tests refuse to change the devices,
// the memory and the files of the machine they run on.
func TestRunningMachineIsLeftAlone(t *testing.T) {
	for _, root := range []string{"", "/", "//", "/tmp/.."} {
		for _, a := range []host.Action{
			host.BindDriver{PCI: "ffff:ff:1f.7", Driver: "vfio-pci"},
			host.SetHugepages{Node: 4095, SizeKiB: 2048, Pages: 1},
			host.MakeDirectory{Path: "/nonexistent/never"},
			host.RemoveDirectory{Path: "/nonexistent/never"},
		} {
			s := &strict{TB: t}
			if err := hosttest.Do(s, host.NewFS(root), a); err == nil || s.failed == "" {
				t.Errorf("root %q: %s was let through", root, a)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a stand-in for the running kernel was let through")
		}
	}()
	hosttest.NewKernel(host.NewFS("/"))
}

// TestNoTestChangesTheMachine reads all tests of the module: none that names the
// running machine as its host may name an action on devices or memory.
func TestNoTestChangesTheMachine(t *testing.T) {
	const this = "guard_test.go"
	seen := 0
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") || filepath.Base(name) == this {
			return err
		}
		seen++
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if running, action := mentions(file); running && action != "" {
			t.Errorf("%s has %s beside the host below \"/\"", name, action)
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatalf("read %d tests: %v", seen, err)
	}
}

// mentions tells whether a file has NewFS("/"), NewFS("") or FS{}, and which dangerous action it names.
func mentions(file *ast.File) (running bool, action string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if lit, ok := first(n.Args).(*ast.BasicLit); ok && name(n.Fun) == "NewFS" && (lit.Value == `"/"` || lit.Value == `""`) {
				running = true
			}
		case *ast.CompositeLit:
			switch name(n.Type) {
			case "FS":
				running = running || len(n.Elts) == 0
			case "BindDriver", "SetHugepages":
				action = name(n.Type)
			}
		}
		return true
	})
	return running, action
}

func first(args []ast.Expr) ast.Expr {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func TestGuardSeesWhatItShould(t *testing.T) {
	for src, want := range map[string]bool{
		`package p; var f = host.NewFS("/"); var a = host.BindDriver{PCI: "x"}`: true,
		`package p; var f = NewFS(""); var a = []any{SetHugepages{}}`:           true,
		`package p; var f host.FS = host.FS{}; var a = &host.BindDriver{}`:      true,
		`package p; var f = host.NewFS("/"); var a = host.SetAddresses{}`:       false,
		`package p; var f = host.NewFS(dir); var a = host.BindDriver{}`:         false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		if running, action := mentions(file); (running && action != "") != want {
			t.Errorf("%s: caught = %v, want %v", src, !want, want)
		}
	}
}
