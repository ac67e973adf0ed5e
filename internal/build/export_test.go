package build

// Read is the part of Version that does not ask the running binary.
var Read = read
