// Package sluice is the root of the module: it holds no code, only the tests
// that keep the design of docs/architecture.md in every source file.
package sluice
