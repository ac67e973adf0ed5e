package host

import (
	"errors"
	"fmt"
	"strings"
)

// HugepagePools returns the pools of hugepages of each node, ascending by node:
// of each Node only ID and Hugepages are filled in. A pool that cannot be read is
// an error, beside which the others are returned. On a kernel without NUMA it is
// one node; a node without memory has no pools.
func (f FS) HugepagePools() ([]Node, error) {
	r := &reader{fs: f}
	ids, err := f.numbered(nodeDir, "node")
	if err != nil || len(ids) == 0 {
		nodes := []Node{{Hugepages: r.pools("hugepages", poolDir)}}
		return nodes, r.err()
	}
	nodes := make([]Node, len(ids))
	for i, id := range ids {
		nodes[i].ID = id
		if dir := fmt.Sprintf("%s/node%d/hugepages", nodeDir, id); f.exists(dir) {
			nodes[i].Hugepages = r.pools(fmt.Sprintf("node %d hugepages", id), dir)
		}
	}
	return nodes, r.err()
}

// err is what could not be read, or nil.
func (r *reader) err() error {
	if len(r.missing) == 0 {
		return nil
	}
	return errors.New(strings.Join(r.missing, "; "))
}
