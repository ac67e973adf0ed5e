package sluice_test

import (
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// packageComments says which packages do not say what they own.
func packageComments(files []source) []string {
	documented := map[string]bool{}
	for _, f := range files {
		if !f.test {
			documented[f.pkg] = documented[f.pkg] || f.file.Doc != nil && len(strings.Fields(f.file.Doc.Text())) > 3
		}
	}
	var complaints []string
	for _, pkg := range slices.Sorted(maps.Keys(documented)) {
		if !documented[pkg] {
			complaints = append(complaints, "package "+pkg+" has no package comment")
		}
	}
	return complaints
}

// checkNames refuses packages that are named for nothing they own.
func checkNames(f source) []string {
	name := strings.TrimSuffix(f.file.Name.Name, "_test")
	switch name {
	case "util", "utils", "common", "types", "consts", "constants", "helper", "helpers", "misc", "lib", "base":
		return []string{fmt.Sprintf("package %s is named for nothing it owns", name)}
	}
	return nil
}

// checkInit refuses work that nobody called for.
func checkInit(f source) []string {
	for _, decl := range f.file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			return []string{"init function: build a value and pass it down"}
		}
	}
	return nil
}

// checkLeftovers refuses notes of work that was not done. The words are spelt
// so that this file has none of them.
func checkLeftovers(text string) []string {
	var complaints []string
	words := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	number := 0
	for line := range strings.Lines(text) {
		number++
		if word := words.FindString(line); word != "" {
			complaints = append(complaints, fmt.Sprintf("line %d: %s", number, word))
		}
	}
	return complaints
}
