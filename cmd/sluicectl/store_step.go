package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sluice-nfv/sluice/internal/api"
)

// step is one thing that a command does on this machine. All of a command's steps
// are known, and can be shown, before the first is taken.
type step struct {
	words string // what it does
	do    func(context.Context) error
	undo  func() error // nil where there is nothing to take back
	// stays says that a failure takes nothing back: what was begun may go on.
	stays bool
}

// take takes steps in turn, telling each as it is done. When one fails, those
// before it are taken back. With dry it only tells.
func (a *app) take(ctx context.Context, dry bool, steps []step) error {
	for i, s := range steps {
		if !dry {
			if err := s.do(ctx); err != nil {
				if !s.stays {
					err = errors.Join(err, back(steps[:i+1]))
				}
				return fmt.Errorf("%s: %w", s.words, err)
			}
		}
		if err := a.done("%s", s.words); err != nil {
			return err
		}
	}
	if dry {
		return a.done("nothing was changed")
	}
	return nil
}

func back(steps []step) error {
	var faults []error
	for i := len(steps) - 1; i >= 0; i-- {
		if undo := steps[i].undo; undo != nil {
			faults = append(faults, undo())
		}
	}
	return errors.Join(faults...)
}

// writeStep makes a file that must not be there, and its directory.
func (a *app) writeStep(path, text string, mode fs.FileMode) step {
	at := a.path(path)
	return step{
		words: "write " + path,
		do: func(context.Context) error {
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				return err
			}
			return os.WriteFile(at, []byte(text), mode)
		},
		undo: func() error { return unlessAbsent(os.Remove(at)) },
	}
}

// path is where a file of a member is.
func (a *app) path(p string) string { return filepath.Join(a.root+"/", p) }

func unlessAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeSocket != 0
}

// absent refuses where a file stands in the way.
func (a *app) absent(path, fix string) error {
	switch _, err := os.Lstat(a.path(path)); {
	case err == nil:
		return api.Conflict("%s is there already", path).WithFix("%s", fix)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}
