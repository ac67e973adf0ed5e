package store

import (
	"errors"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// InvalidError says that what was asked for makes no sense: no other object has to
// come or go for it, it has to be asked for differently.
type InvalidError struct{ Err error }

// Error says what is wrong with it.
func (e *InvalidError) Error() string { return e.Err.Error() }

// Unwrap returns the broken rules.
func (e *InvalidError) Unwrap() error { return e.Err }

// unlessOthers is an *InvalidError, unless it is others that stand in the way.
func unlessOthers(err error) error {
	var duplicate *logical.DuplicateError
	var missing *logical.MissingError
	if err == nil || errors.As(err, &duplicate) || errors.As(err, &missing) {
		return err
	}
	return &InvalidError{err}
}
