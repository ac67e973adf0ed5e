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
printf 'fuzz: %d targets, %s each\n' "${#targets[@]}" "$time"
for target in "${targets[@]}"; do
	read -r package name <<<"$target"
	# Without a bound on minimizing, Go spends the time on shrinking large seeds.
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 10x "$package"
done
