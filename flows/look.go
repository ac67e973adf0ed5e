package flows

import (
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// looked is what a unit wants, and all that was looked at for it.
type looked struct {
	wanted bool // the unit is there
	rules  rules
	reads  []logical.Ref
}

// look computes one unit.
func (v *view) look(ref logical.Ref) looked {
	if !v.wanted(ref) {
		return looked{}
	}
	v.takeNotes()
	defer v.endNotes()
	return looked{true, compute(v, ref), v.notes()}
}

// portion is how many units are computed in one go where there are many. A host's start
// in a large network is the time that its packets wait: it takes all processors.
const portion = 128

// look computes units and tells of each, in an order that does not matter. They only read
// the view; what it keeps for them, each processor keeps for itself.
func (c *Compiler) look(dirty map[logical.Ref]bool, tell func(logical.Ref, looked)) {
	if len(dirty) <= 2*portion {
		for ref := range dirty {
			tell(ref, c.view.look(ref))
		}
		return
	}
	type result struct {
		refs []logical.Ref
		all  []looked
	}
	workers := runtime.GOMAXPROCS(0)
	todo, results := make(chan []logical.Ref), make(chan result, 2*workers)
	var busy sync.WaitGroup
	for range workers {
		v := c.view
		v.seen, v.noted = seen{}, nil
		busy.Go(func() {
			for refs := range todo {
				r := result{refs: refs, all: make([]looked, len(refs))}
				for i, ref := range refs {
					r.all[i] = v.look(ref)
				}
				results <- r
			}
		})
	}
	go func() {
		for refs := range slices.Chunk(slices.Collect(maps.Keys(dirty)), portion) {
			todo <- refs
		}
		close(todo)
		busy.Wait()
		close(results)
	}()
	for r := range results {
		for i, ref := range r.refs {
			tell(ref, r.all[i])
		}
	}
}
