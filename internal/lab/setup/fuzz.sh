#!/bin/bash
# Runs every fuzz target of the module for a time each: fuzz.sh 30s, or all of
# them for a time together: fuzz.sh --all 60s.
set -euo pipefail

cd "$(dirname "$0")/../../.."
targets=()
while IFS=: read -r file line; do
	name=${line#func }
	targets+=("$(dirname "$file") ${name%%(*}")
done < <(grep -rE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*\(' . | sort)

if [[ ${1-} == --all ]]; then
	seconds=${2%s}
	time=$(((seconds + ${#targets[@]} - 1) / ${#targets[@]}))s
else
	time=${1:-30s}
fi
# fuzz runs one target. Go's own deadline sometimes ends a run that found nothing
# with "context deadline exceeded" (golang/go issue 48591): a finding always names
# the input it wrote.
fuzz() { # TIME NAME PACKAGE
	local out status=0
	out=$(go test -run '^$' -fuzz "^$2\$" -fuzztime "$1" -fuzzminimizetime 10x "$3" 2>&1) || status=$?
	printf '%s\n' "$out"
	if ((status != 0)) && grep -q 'context deadline exceeded' <<<"$out" && ! grep -q 'Failing input' <<<"$out"; then
		printf 'fuzz: %s: the deadline of the run, no finding\n' "$2"
		return 0
	fi
	return "$status"
}

printf 'fuzz: %d targets, %s each\n' "${#targets[@]}" "$time"
for target in "${targets[@]}"; do
	read -r package name <<<"$target"
	# Without a bound on minimizing, Go spends the time on shrinking large seeds.
	fuzz "$time" "$name" "$package"
done
