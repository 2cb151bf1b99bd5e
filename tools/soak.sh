#!/usr/bin/env bash
# Finds the tests that fail by chance.
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

presets=(linux-gcc linux-clang asan-ubsan tsan mingw-x64)
same_each_time='^((trace|model|abi|layers|tools|hardening|instructions|[a-z_]*exports|conformance\.mutants|output\.is_complete)$|consumer\.|header\.)'
usage() {
    cat <<TXT
Usage: ./check --soak ROUNDS [PRESET...]

Runs each test that has been built so many times, in random order, on one processor that two other processes keep busy,
and shows which have failed. PRESET is one of ${presets[*]}; without one it takes all.
TXT
}
[[ ${1:-} != --help ]] || { usage && exit; }
[[ ${1:-} =~ ^[1-9][0-9]*$ ]] || wrong "how many ROUNDS? '${1:-}' is not a number from 1 on"
for preset in "${@:2}"; do
    [[ " ${presets[*]} " == *" $preset "* ]] || wrong "there is no preset '$preset' to run"
done
[[ $# -eq 1 ]] || presets=("${@:2}")

taskset -cp "$(taskset -cp $$ | grep -o '[0-9]*$')" $$ >/dev/null # one processor for all that starts from here on
trap 'kill $(jobs -p)' EXIT
for _ in 1 2; do while :; do :; done & done
status=0
for preset in "${presets[@]}"; do
    log=build/logs/soak-$preset.log
    program=build/$preset/tests/offline_state_tests
    if [[ ! -e $program && ! -e $program.exe ]]; then
        echo "  $preset: left out, it has not been built; ./check builds it"
    elif ctest --preset "$preset" --repeat "until-fail:$1" --schedule-random --parallel 1 \
        --exclude-regex "$same_each_time" --quiet --output-log "$log"; then
        echo "  $preset: $(grep 'tests passed' "$log")"
    else
        printf '  %s: FAILED, see %s\n%s\n' "$preset" "$log" "$(sed -n '/% tests passed/,$p' "$log")"
        status=1
    fi
done
exit $status
