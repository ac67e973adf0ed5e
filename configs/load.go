package configs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFile bounds what is read at all: a host with a thousand ports stays below it.
const maxFile = 1 << 20

// Options are what Parse must know besides the text.
type Options struct {
	File     string // name for messages
	Vars     Vars
	Hostname string // the profile's name where it gives none
}

// Load reads a profile and the variables that stand in it. A variables file
// that does not exist is an empty one. Errors in either file are an *Error.
func Load(path, varsPath, hostname string) (*Profile, error) {
	vars, err := LoadVars(varsPath)
	if err != nil {
		return nil, err
	}
	data, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	return Parse(data, Options{File: path, Vars: vars, Hostname: hostname})
}

// LoadVars reads a variables file. One that does not exist is an empty one.
func LoadVars(path string) (Vars, error) {
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Vars{File: path}, nil
	}
	if err != nil {
		return Vars{}, fmt.Errorf("read variables: %w", err)
	}
	return ParseVars(path, data)
}

// readFile reads at most one byte over the limit: the parser refuses the rest
// without having it in memory.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}
