package host

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// ShortageError is the answer of a kernel that could not find as many free
// contiguous pages as were wanted. The pages it found stay in the pool.
type ShortageError struct {
	Node    int
	SizeKiB uint64
	Wanted  uint64 // pages in the pool
	Got     uint64 // pages in the pool now
}

func (e *ShortageError) Error() string {
	missing := e.Wanted - e.Got
	return fmt.Sprintf("the kernel found %d of %d pages, %d (%d MiB) are missing: free memory on node %d is too small or too scattered; "+
		"reserve the pages at boot with hugepagesz=%s hugepages=… on the kernel command line",
		e.Got, e.Wanted, missing, missing*e.SizeKiB/1024, e.Node, pageSize(e.SizeKiB))
}

// setHugepages writes nr_hugepages of one pool and reads back what became of it
// (Documentation/admin-guide/mm/hugetlbpage.rst).
func (f FS) setHugepages(a SetHugepages) error {
	pool := f.poolDir(a)
	if !f.exists(pool) {
		return refuse("there is no pool of these pages; %s", f.poolsThere(path.Dir(pool), a.Node))
	}
	have, err := try(f, pool+"/nr_hugepages", parseCount)
	if err != nil {
		return err
	}
	if have >= a.Pages {
		return nil
	}
	if err := f.write(pool+"/nr_hugepages", strconv.FormatUint(a.Pages, 10)); err != nil {
		return err
	}
	if have, err = try(f, pool+"/nr_hugepages", parseCount); err != nil {
		return err
	}
	if have < a.Pages {
		return &ShortageError{Node: a.Node, SizeKiB: a.SizeKiB, Wanted: a.Pages, Got: have}
	}
	return nil
}

// poolsThere says in words which pools a node has.
func (f FS) poolsThere(dir string, node int) string {
	names, err := f.list(dir)
	if err != nil {
		return fmt.Sprintf("node %d has none at all", node)
	}
	var sizes []string
	for _, n := range names {
		if s, ok := poolSize(n); ok {
			sizes = append(sizes, fmt.Sprintf("%d kB", s))
		}
	}
	return fmt.Sprintf("node %d has pages of %s", node, or(strings.Join(sizes, ", "), "no size"))
}

// pageSize writes a size as hugepagesz= takes it.
func pageSize(kib uint64) string {
	switch {
	case kib%(1<<20) == 0:
		return fmt.Sprintf("%dG", kib>>20)
	case kib%(1<<10) == 0:
		return fmt.Sprintf("%dM", kib>>10)
	}
	return fmt.Sprintf("%dK", kib)
}
