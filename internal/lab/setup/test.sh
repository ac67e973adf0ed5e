#!/bin/bash
# All tests of the project: the unit tests with the race detector, then, as root,
# the system tests on a real switch. Without root it says what it left out.
# With SLUICE_TIMES set, appends "phase seconds" lines to that file.
set -euo pipefail

cd "$(dirname "$0")/../../.."
setup=internal/lab/setup/setup.sh
pages=${1:-512} # hugepages of 2 MiB the system tests take at most

phase() { # NAME COMMAND...
	local name=$1 start=$SECONDS
	shift
	printf 'test: %s tests\n' "$name"
	"$@"
	printf 'test: %s tests took %d s\n' "$name" $((SECONDS - start))
	[[ -z ${SLUICE_TIMES-} ]] || printf '%s %d\n' "$name" $((SECONDS - start)) >>"$SLUICE_TIMES"
}

# The dashboards and rules have a module of their own, for what reads PromQL.
unit() {
	SLUICE_TESTS=unit go test -race -timeout 10m ./...
	go test -C configs/grafana/boards ./...
}

# The packages whose tests stand on the lab, one after the other: they share
# two cores and the hugepages.
system_packages() {
	go list -f '{{.ImportPath}} {{.TestImports}} {{.XTestImports}}' ./... |
		awk '/sluice\/internal\/lab[] ]/ || /internal\/lab / {print $1}'
}

system() {
	local list
	mapfile -t list < <(system_packages)
	"$setup" run "$pages" go test -p 1 -count=1 -timeout 20m "${list[@]}"
}

if [[ $(id -u) == 0 ]]; then
	"$setup" packages tests
	phase unit unit
	phase system system
else
	phase unit unit
	printf 'test: not run, for they need root (network namespaces, hugepages): the system tests of\n'
	system_packages | sed 's/^/  /'
fi
