package hosttest

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/sluice-nfv/sluice/internal/cpuset"
)

// Kind is what an Entry is.
type Kind string

// The kinds of entries.
const (
	File      Kind = "file"
	Link      Kind = "link"
	Directory Kind = "directory"
	Absent    Kind = "absent"
)

// Entry is one file, symbolic link or directory of a machine.
type Entry struct {
	Kind    Kind
	Path    string // as below "/"
	Content string // of a file, with a newline at its end; the target of a link
	Line    int    // in the text
}

// Expand reads a machine's text. Each line is one of
//
//	/path: content        a file
//	/path:                a file whose lines follow, each after one tab
//	/path -> target       a symbolic link; its target is relative, but for /proc/N/fd/N
//	/path/                a directory
//	! /path               remove what earlier lines made
//	# words               a comment
//
// {0-3,8} in a path stands for each of these numbers in turn, and {n=0-3}
// names the number for the rest of the line, where {n}, {n+28}, {n%4} or
// {n%28+1} are worked out from left to right. An empty file is "/path: ”".
func Expand(text string) ([]Entry, error) {
	var out []Entry
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \t\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		e.Line = i + 1
		if e.Kind == File && e.Content == "" {
			for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "\t") {
				i++
				e.Content += lines[i][1:] + "\n"
			}
		}
		all, err := e.spread()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", e.Line, err)
		}
		out = append(out, all...)
	}
	return out, nil
}

func parseLine(line string) (Entry, error) {
	var e Entry
	if name, target, ok := strings.Cut(line, " -> "); ok {
		e = Entry{Kind: Link, Path: name, Content: target}
		// An absolute target would lead out of the tree, to the real machine; the
		// files a process has open are only ever looked at.
		if open, _ := path.Match("/proc/[0-9]*/fd/*", name); path.IsAbs(target) && !open {
			return e, fmt.Errorf("the link %s must be relative", name)
		}
	} else if name, ok := strings.CutPrefix(line, "! "); ok {
		e = Entry{Kind: Absent, Path: name}
	} else if strings.HasSuffix(line, "/") && !strings.Contains(line, ": ") {
		e = Entry{Kind: Directory, Path: line}
	} else if name, content, ok := strings.Cut(line+" ", ": "); ok {
		e = Entry{Kind: File, Path: name, Content: strings.TrimSuffix(content, " ")}
		switch e.Content {
		case "":
		case "''":
			e.Content = "\n"
		default:
			e.Content += "\n"
		}
	} else {
		return e, fmt.Errorf("%q is no file, link or directory", line)
	}
	if !path.IsAbs(e.Path) || strings.Contains(e.Path, "..") {
		return e, fmt.Errorf("the path %q must be absolute, without dots", e.Path)
	}
	return e, nil
}

var (
	ranges = regexp.MustCompile(`\{(?:([a-z]+)=)?([0-9][0-9,-]*)\}`)
	sums   = regexp.MustCompile(`\{([a-z]+)((?:[-+*/%][1-9][0-9]*)*)\}`)
	steps  = regexp.MustCompile(`[-+*/%][1-9][0-9]*`)
)

// spread replaces the first range of the path by each of its numbers, and so on.
func (e Entry) spread() ([]Entry, error) {
	m := ranges.FindStringSubmatchIndex(e.Path)
	if m == nil {
		if name := sums.FindString(e.Path + e.Content); name != "" {
			return nil, fmt.Errorf("%s is not named by a range", name)
		}
		return []Entry{e}, nil
	}
	set, err := cpuset.Parse(e.Path[m[4]:m[5]])
	if err != nil {
		return nil, err
	}
	name := ""
	if m[2] >= 0 {
		name = e.Path[m[2]:m[3]]
	}
	var out []Entry
	for n := range set.All() {
		one := e
		one.Path = evaluate(e.Path[:m[0]], name, n) + strconv.Itoa(n) + evaluate(e.Path[m[1]:], name, n)
		one.Content = evaluate(e.Content, name, n)
		more, err := one.spread()
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// evaluate replaces {name…} by its value for n.
func evaluate(s, name string, n int) string {
	return sums.ReplaceAllStringFunc(s, func(expr string) string {
		m := sums.FindStringSubmatch(expr)
		if m[1] != name {
			return expr
		}
		v := n
		for _, step := range steps.FindAllString(m[2], -1) {
			by, _ := strconv.Atoi(step[1:]) // digits only
			switch step[0] {
			case '+':
				v += by
			case '-':
				v -= by
			case '*':
				v *= by
			case '/':
				v /= by
			case '%':
				v %= by
			}
		}
		return strconv.Itoa(v)
	})
}
