package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// Little in use changes nothing; much lets the collector come earlier, and never later
// than was set.
func TestTrim(t *testing.T) {
	set := debug.SetGCPercent(400)
	defer debug.SetGCPercent(set)
	percent := func() int {
		p := debug.SetGCPercent(400)
		debug.SetGCPercent(p)
		return p
	}
	runtime.GC()
	if trim(); percent() != 400 {
		t.Errorf("with little in use the percentage became %d", percent())
	}
	rows := make([]byte, 2*garbage)
	trim()
	if p := percent(); p < 45 || p > 60 {
		t.Errorf("with twice the room in use the percentage became %d", p)
	}
	debug.SetGCPercent(20)
	if trim(); percent() != 20 {
		t.Errorf("what was set lower became %d", percent())
	}
	runtime.KeepAlive(rows)
}
