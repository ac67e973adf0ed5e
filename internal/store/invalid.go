package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// InvalidError says that what was asked for makes no sense: no other object has to
// come or go for it, it has to be asked for differently.
type InvalidError struct{ Err error }

// Error says what is wrong with it.
func (e *InvalidError) Error() string { return e.Err.Error() }

// Unwrap returns the broken rules.
func (e *InvalidError) Unwrap() error { return e.Err }

// checkName refuses a name that no object can have before the server is asked for
// it, who would refuse it in words of the schema.
func checkName(what, name string) error {
	if err := logical.ValidateName(name); err != nil {
		return &InvalidError{fmt.Errorf("%s: %w", strings.TrimSpace(what+" "+name), err)}
	}
	return nil
}

// unlessOthers is an *InvalidError, unless it is others that stand in the way.
func unlessOthers(err error) error {
	var duplicate *logical.DuplicateError
	var missing *logical.MissingError
	if err == nil || errors.As(err, &duplicate) || errors.As(err, &missing) {
		return err
	}
	return &InvalidError{err}
}
