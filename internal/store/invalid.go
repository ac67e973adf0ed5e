package store

// InvalidError says that what was asked for breaks a rule by itself, whatever else
// is in the store.
type InvalidError struct{ Err error }

// Error says what is wrong with it.
func (e *InvalidError) Error() string { return e.Err.Error() }

// Unwrap returns the broken rules.
func (e *InvalidError) Unwrap() error { return e.Err }
