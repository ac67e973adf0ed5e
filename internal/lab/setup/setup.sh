#!/bin/bash
# Prepares a Debian or Ubuntu machine for the lab, and puts back what it raised.
#
#   setup.sh packages [qemu|tests]
#                              install what is missing, named first, and what virtual
#                              machines or all tests need besides; start no service
#   setup.sh root WHY          stop with WHY where the caller is not root
#   setup.sh hugepages N [PID] see that N hugepages of 2 MiB are there for process PID
#                              (default: the caller), raising nr_hugepages if need be;
#                              a watchdog child undoes when that process is gone
#   setup.sh run [--sweep PROGRAM] N COMMAND...
#                              hugepages N, then COMMAND, then undo; if this process is
#                              killed, the watchdog ends COMMAND, undoes, and runs
#                              PROGRAM sweep
#   setup.sh watch PID [SWEEP...]
#                              wait for process PID to end, then undo and run SWEEP
#   setup.sh undo              put back what users that are gone had raised
#   setup.sh status            print what is missing and what is raised
#
# Exit codes: 0 done, 1 failed, 2 usage or not root.
#
# Whatever is changed is written to a journal in /run/sluice-setup before. The lab
# mounts nothing: its programs hold hugepages in file descriptors.
set -euo pipefail

# The places are values, for tests.
run_dir=${SLUICE_SETUP_RUN:-/run/sluice-setup}
pages_dir=${SLUICE_SETUP_PAGES:-/sys/kernel/mm/hugepages/hugepages-2048kB}
policy=${SLUICE_SETUP_POLICY:-/usr/sbin/policy-rc.d}
user_id=${SLUICE_SETUP_UID:-$(id -u)}

journal=$run_dir/hugepages # boot id; nr_hugepages, free_hugepages before; nr_hugepages after
users=$run_dir/users       # one file a user, "PID-START", holding its number of pages
mark='# put here by sluice setup, for the time of an installation'

say() { printf 'setup: %s\n' "$*"; }
die() {
	printf 'setup: %s\n' "$*" >&2
	exit 1
}

need_root() {
	[[ $user_id == 0 ]] && return
	printf 'setup: this needs root, %s\n' "$1" >&2
	exit 2
}

# lock keeps two set-ups from changing the same thing; it is given up on exit, and
# not inherited by what outlives this process (9>&- there).
lock() {
	mkdir -p "$run_dir" "$users"
	exec 9>"$run_dir/lock"
	flock 9
}

# --- packages ---------------------------------------------------------------

wanted() {
	# librte-meta-*: without them net_tap, net_af_packet, net_null and
	# net_virtio_user cannot be attached. dpdk-dev: dpdk-testpmd.
	printf '%s\n' openvswitch-switch openvswitch-switch-dpdk \
		librte-meta-bus librte-meta-mempool librte-meta-net dpdk-dev iproute2
	if [[ ${1-} == tests ]]; then
		# go test -race needs cgo. systemd: systemd-analyze; it starts nothing.
		# prometheus brings promtool, too. curl, openssl: docs/monitoring.md is followed.
		printf '%s\n' gcc libc6-dev shellcheck systemd prometheus curl openssl
	fi
	if [[ ${1-} == qemu || ${1-} == tests ]]; then
		printf '%s\n' qemu-system-x86 busybox-static
		have_kernel || printf '%s\n' linux-image-cloud-amd64
	fi
}

# have_kernel tells whether a guest can boot the machine's own kernel.
have_kernel() {
	local image
	for image in /boot/vmlinuz-*; do
		[[ -e /lib/modules/${image#/boot/vmlinuz-}/modules.builtin ]] && return
	done
	return 1
}

missing() {
	local name
	for name in $(wanted "${1-}"); do
		dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q '^install ok installed$' || printf '%s\n' "$name"
	done
}

packages() {
	local lack new
	mapfile -t lack < <(missing "${1-}")
	if ((${#lack[@]} == 0)); then
		say "all packages are installed"
		return
	fi
	say "packages to be installed: ${lack[*]}"
	need_root "to run: apt-get install --no-install-recommends ${lack[*]}"
	lock
	restore_policy
	export DEBIAN_FRONTEND=noninteractive
	new=$(simulate "${lack[@]}") || {
		apt-get -q update
		new=$(simulate "${lack[@]}") || die "apt-get finds no way to install ${lack[*]}; 'apt-get -s install ${lack[*]}' tells why"
	}
	refuse_changes "$new"
	say "with what they need: $(grep -c '^Inst ' <<<"$new") packages"
	trap restore_policy EXIT
	forbid_starts
	apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${lack[@]}" 9>&-
	restore_policy
	trap - EXIT
	say "installed; no service was started"
	case " ${lack[*]} " in
	*' openvswitch-switch '*) say "Debian has openvswitch-switch start at the next boot; 'systemctl disable openvswitch-switch' if you do not want that" ;;
	esac
}

simulate() { apt-get -q -s install --no-install-recommends "$@" 2>/dev/null; }

# refuse_changes stops where apt would take something away or replace the Open
# vSwitch this machine may be running on.
refuse_changes() {
	local bad
	bad=$(grep -E '^Remv |^Inst openvswitch[^ ]* \[' <<<"$1" || true)
	[[ -z $bad ]] && return
	printf '%s\n' "$bad" >&2
	die "apt-get would remove or replace the packages above; nothing was changed: bring the machine up to date first"
}

# forbid_starts keeps maintainer scripts from starting services (policy-rc.d, see
# invoke-rc.d(8)). What was there is kept beside it, on disk: a journal in /run
# would not outlive a power cut, and this must.
forbid_starts() {
	if [[ -e $policy || -L $policy ]]; then
		mv -T "$policy" "$policy.before-sluice"
	fi
	printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy.sluice-new"
	chmod 755 "$policy.sluice-new"
	mv -T "$policy.sluice-new" "$policy"
}

restore_policy() {
	if [[ -f $policy ]] && grep -qF "$mark" "$policy"; then
		rm -f "$policy"
	fi
	if [[ -e $policy.before-sluice || -L $policy.before-sluice ]]; then
		[[ -e $policy ]] && die "$policy was made by another while $policy.before-sluice was set aside: keep one of the two"
		mv -T "$policy.before-sluice" "$policy"
	fi
	rm -f "$policy.sluice-new"
}

# --- hugepages --------------------------------------------------------------

number() {
	[[ $1 =~ ^[0-9]{1,9}$ ]] || {
		printf 'setup: %s: %q is no number\n' "$2" "$1" >&2
		exit 2
	}
}

pages() { cat "$pages_dir/$1_hugepages"; }

boot() { cat /proc/sys/kernel/random/boot_id; }

# identity prints PID-START of a process: its number may be given out again, the
# pair is not. It fails where there is none.
identity() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	# shellcheck disable=SC2086 # the fields after the command, which ends in ") "
	set -- "$1" ${stat##*) }
	[[ $2 != Z && $2 != X ]] && printf '%s-%s\n' "$1" "${21}"
}

# forget_dead drops the users that are gone.
forget_dead() {
	local file name
	for file in "$users"/*; do
		[[ -e $file ]] || continue
		name=${file##*/}
		[[ $(identity "${name%%-*}") == "$name" ]] || rm -f "$file"
	done
}

# promised prints the number of pages that living users have asked for.
promised() {
	local file sum=0
	for file in "$users"/*; do
		[[ ! -e $file ]] || sum=$((sum + $(cat "$file")))
	done
	printf '%s\n' "$sum"
}

hugepages() {
	local owner before free after want got
	number "$1" hugepages
	[[ -d $pages_dir ]] || die "this kernel has no hugepages of 2 MiB ($pages_dir)"
	if [[ $user_id != 0 ]]; then
		(($(pages free) < $1)) || return 0
		need_root "to raise the number of hugepages: $1 of 2 MiB are needed, $(pages free) are free"
	fi
	owner=$(identity "$2") || die "no process $2 to raise hugepages for"
	lock
	undo_hugepages
	[[ -e $journal ]] || record "$(pages nr)" "$(pages free)" "$(pages nr)"
	printf '%s\n' "$1" >"$users/$owner"
	# Measured from the first user on: pages that our users already hold are no
	# longer free, and not missing either.
	read -r _ before free after <"$journal"
	want=$((before + $(promised) - free))
	((want > after)) || return 0
	record "$before" "$free" "$want"
	say "hugepages of 2 MiB: $(pages nr) -> $want"
	printf '%s\n' "$want" >"$pages_dir/nr_hugepages"
	got=$(pages nr)
	((got < want)) || return 0
	rm -f "$users/$owner"
	undo_hugepages
	die "asked the kernel for $want hugepages of 2 MiB and got $got: memory is short or fragmented; free some, or reboot"
}

# record BEFORE FREE AFTER writes the journal.
record() {
	printf '%s %s %s %s\n' "$(boot)" "$1" "$2" "$3" >"$journal.new"
	mv -T "$journal.new" "$journal"
}

# undo_hugepages puts the number back once no user is left that lives.
undo_hugepages() {
	local id before after now
	forget_dead
	[[ -e $journal && -z $(find "$users" -type f) ]] || return 0
	read -r id before _ after <"$journal"
	if [[ $id == "$(boot)" && $after != "$before" ]]; then
		# If another has changed the number since, only our share is taken back.
		now=$(pages nr)
		before=$((now - (after - before)))
		((before >= 0)) || before=0
		say "hugepages of 2 MiB: $now -> $before"
		printf '%s\n' "$before" >"$pages_dir/nr_hugepages"
	fi
	rm -f "$journal"
}

undo() {
	[[ -d $run_dir || -e $policy.before-sluice ]] || return 0
	need_root "to put back what was raised"
	lock
	restore_policy
	undo_hugepages
}

# --- running ----------------------------------------------------------------

watch() {
	local pid=$1
	shift
	# Neither the terminal nor the lock is ours to hold.
	exec 9>&- </dev/null
	tail --pid="$pid" -f /dev/null
	end_child "$run_dir/child-$pid"
	undo
	exec 9>&-
	if (($# > 0)); then
		exec "$@"
	fi
}

# end_child ends the command that a killed run left, whose identity FILE holds: in
# good order within ten seconds, or by force. The number is also its group's.
end_child() {
	local who
	who=$(cat "$1" 2>/dev/null) || return 0
	if [[ $(identity "${who%-*}") == "$who" ]]; then
		kill -TERM -- "-${who%-*}" || true
		timeout 10 tail --pid="${who%-*}" -f /dev/null || kill -KILL -- "-${who%-*}" || true
	fi
	rm -f "$1"
}

# watchdog starts a child that waits for PID, if it is a user; see watch. It has a
# session of its own, so that an interrupt at the terminal spares it.
watchdog() {
	if [[ -e $users/$(identity "$1") ]]; then
		setsid "$0" watch "$@" >/dev/null 2>&1 9>&- &
	fi
	exec 9>&-
}

# pass sends a signal on to the command, or keeps it for when it has started.
pass() {
	pending=$1
	[[ -z $child ]] || kill "-$1" "$child" || true
}

# run uses the array sweep: the command that removes what a killed COMMAND left.
run() {
	local pages=$1 child pending status
	shift
	hugepages "$pages" $$
	watchdog $$ "${sweep[@]}"
	# Set before the command starts: no signal is to end this script before it.
	child='' pending=''
	trap 'pass INT' INT
	trap 'pass TERM' TERM HUP
	# In a process group of its own, so that signals reach it once, from here.
	set -m
	(
		trap - INT TERM HUP
		[[ ! -d $run_dir ]] || identity "$BASHPID" >"$run_dir/child-$$"
		exec "$@"
	) &
	child=$!
	set +m
	[[ -z $pending ]] || pass "$pending"
	status=0
	while wait "$child" || status=$?; kill -0 "$child" 2>/dev/null; do status=0; done
	trap '' INT TERM HUP
	rm -f "$users/$(identity $$)" "$run_dir/child-$$"
	[[ $user_id != 0 ]] || undo
	exit "$status"
}

status() {
	local lack
	lack=$(missing qemu | tr '\n' ' ')
	say "packages missing: ${lack:-none}"
	say "hugepages of 2 MiB: $(pages nr), free $(pages free)"
	if [[ -e $journal ]]; then
		local before after
		read -r _ before _ after <"$journal"
		say "raised from $before to $after for processes: $(find "$users" -type f -printf '%f ')"
	fi
}

usage() {
	sed -n '2,/^set -euo/{/^#/s/^# \{0,1\}//p}' "$0" >&2
	exit 2
}

# takes LEAST MOST COUNT: whether a verb was given a right number of arguments.
takes() { (($1 <= $3 && $3 <= $2)) || usage; }

verb=${1-}
shift || usage
case $verb in
packages)
	takes 0 1 $#
	[[ ${1-qemu} == qemu || ${1-} == tests ]] || usage
	packages "$@"
	;;
root)
	takes 1 1 $#
	need_root "$1"
	;;
hugepages)
	takes 1 2 $#
	hugepages "$1" "${2-$PPID}"
	watchdog "${2-$PPID}"
	;;
run)
	sweep=()
	if [[ ${1-} == --sweep ]]; then
		takes 4 9999 $#
		sweep=("$2" sweep)
		shift 2
	fi
	takes 2 9999 $#
	run "$@"
	;;
watch)
	takes 1 9999 $#
	watch "$@"
	;;
undo)
	takes 0 0 $#
	undo
	;;
status)
	takes 0 0 $#
	status
	;;
*) usage ;;
esac
