package sluice_test

import (
	"fmt"
	"go/ast"
	"slices"
)

// skippers may skip tests by themselves: the keeper of the rule, and the test
// that asks promtool, which fails where CI=true by itself: it needs no lab.
var skippers = []string{"internal/lab/testing.go", "monitor/exposition_test.go"}

// checkSkips says where a test leaves itself out without CI=true having a say.
// What stands under testing.Short was left out by whoever asked for it.
func checkSkips(f source) []string {
	if slices.Contains(skippers, f.path) {
		return nil
	}
	var complaints []string
	ast.Inspect(f.file, func(n ast.Node) bool {
		if branch, ok := n.(*ast.IfStmt); ok && selects(branch.Cond, "Short") {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok {
			for _, name := range []string{"Skip", "Skipf", "SkipNow"} {
				if selects(call, name) {
					complaints = append(complaints, fmt.Sprintf("%s skips by itself: lab.Require fails where CI=true", name))
				}
			}
		}
		return true
	})
	return complaints
}

// selects tells whether an expression is a call of something's method or
// function of this name.
func selects(e ast.Expr, name string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == name
}
