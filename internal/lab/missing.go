package lab

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// missingFiles names the packages whose files (path to package) are not there.
func missingFiles(need map[string]string) []string {
	var missing []string
	for _, path := range slices.Sorted(maps.Keys(need)) {
		if _, err := os.Stat(path); err != nil {
			missing = append(missing, fmt.Sprintf("package %s (%s)", need[path], path))
		}
	}
	return missing
}

// missingHugepages tells whether mib MiB of 2 MiB hugepages are free.
func missingHugepages(mib int) []string {
	const dir = "/sys/kernel/mm/hugepages/hugepages-2048kB"
	want := (mib + 1) / 2
	text, err := os.ReadFile(filepath.Join(dir, "free_hugepages"))
	if err != nil {
		return []string{fmt.Sprintf("2 MiB hugepages: %v", err)}
	}
	free, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return []string{fmt.Sprintf("2 MiB hugepages: %v", err)}
	}
	if free >= want {
		return nil
	}
	return []string{fmt.Sprintf("%d free hugepages of 2 MiB (%d are free): internal/lab/setup/setup.sh hugepages %d", want, free, want)}
}
