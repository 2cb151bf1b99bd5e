# shellcheck shell=bash disable=SC2034
# What the commands share: packages, the Python tools, and showing what is being done.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/logs

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' grey=$'\e[90m' plain=$'\e[0m'
else
    bold='' red='' green='' grey='' plain=''
fi

# What the packages bring is told by a command or a file, for systems that have no dpkg: package=what.
build_packages=(
    build-essential=g++ cmake=cmake ninja-build=ninja pkg-config=pkg-config directx-headers-dev=/usr/include/wsl/stubs/unknwn.h
    libgtest-dev=/usr/include/gtest/gtest.h libbenchmark-dev=/usr/include/benchmark/benchmark.h
    libboost-dev=/usr/include/boost/version.hpp libsigc++-2.0-dev=/usr/include/sigc++-2.0/sigc++/sigc++.h
    libglib2.0-dev=/usr/include/glib-2.0/gio/gio.h libcli11-dev=/usr/include/CLI/CLI.hpp
    nlohmann-json3-dev=/usr/include/nlohmann/json.hpp doxygen=doxygen python3-venv=python3
)
check_packages=(
    clang=clang++ g++-mingw-w64-x86-64-posix=x86_64-w64-mingw32-g++-posix
    g++-mingw-w64-i686-posix=i686-w64-mingw32-g++-posix googletest=/usr/src/googletest/CMakeLists.txt iproute2=ip
    libclang-rt-dev=clang++ shellcheck=shellcheck spin=spin valgrind=valgrind
)

may_install() {
    command -v apt-get >/dev/null && { [[ $(id -u) -eq 0 ]] || sudo -n true 2>/dev/null; }
}
# Wine runs what has been built for Windows. Without it, and where it may not be installed, that is built and not run.
if command -v wine >/dev/null || may_install; then
    check_packages+=(wine=wine)
    wine=yes
fi
# Ubuntu has no Chromium in its packages; there the browser tests take a Chromium or Chrome that is on the machine.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $browser ]] && command -v apt-get >/dev/null && ! grep -qs '^ID=ubuntu' /etc/os-release; then
    check_packages+=(chromium=chromium)
    browser=chromium
fi

# step TITLE COMMAND...: runs the command with its output in a log, and says how it went. Ends the script on failure.
steps=0
step() {
    local title=$1 log start=$SECONDS status=0
    shift
    next_log "$title"
    announce "$title"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    tell "$title" $status "$((SECONDS - start)) s" "$log"
    collect ended
}

# meanwhile TITLE COMMAND...: a step that runs beside those that follow, for what leaves a processor idle. They run one
# after the other.
asides=() # of each its title, log, process
meanwhile() {
    local title=$1 log before=${asides[*]: -1}
    shift
    next_log "$title"
    set -m # a process group of its own, so that all of it can be ended
    (
        [[ -z $before ]] || tail --pid="$before" -s 0.2 -f /dev/null
        start=$SECONDS status=0
        "$@" || status=$?
        echo $((SECONDS - start)) >"$log.seconds"
        exit $status
    ) >"$log" 2>&1 </dev/null &
    set +m
    asides+=("$title" "$log" $!)
    trap end_asides EXIT
}

# collect ended | all: says how those went that have come to their end, or waits for all.
collect() {
    local title log status
    while [[ ${#asides[@]} -gt 0 ]]; do
        title=${asides[0]} log=${asides[1]} status=0
        if [[ $1 == ended ]] && kill -0 "${asides[2]}" 2>/dev/null; then
            return
        fi
        announce "$title"
        wait "${asides[2]}" || status=$?
        asides=("${asides[@]:3}")
        tell "$title" $status "$(<"$log.seconds") s" "$log"
    done
}

end_asides() {
    local i
    for ((i = 2; i < ${#asides[@]}; i += 3)); do
        kill -- "-${asides[i]}" 2>/dev/null || true
    done
}

# What step, meanwhile and collect share.
next_log() {
    steps=$((steps + 1))
    log=$(printf 'build/logs/%02d-%s.log' "$steps" "${1//[^A-Za-z0-9]/-}")
}

announce() {
    if [[ -t 1 ]]; then
        printf '  %s...%s %s' "$grey" "$plain" "$1"
    fi
}

# tell TITLE STATUS TIME LOG: ends the script on failure.
tell() {
    [[ -t 1 ]] && printf '\r'
    if [[ $2 -eq 0 ]]; then
        printf '  %sok%s  %-54s %10s\n' "$green" "$plain" "$1" "$3"
    else
        printf '  %sFAILED%s  %s\n\n' "$red" "$plain" "$1"
        tail -n 60 "$4"
        printf '\n%sThe whole output: %s%s\n' "$bold" "$4" "$plain"
        exit 1
    fi
}

# install_packages PACKAGE=WHAT...: installs what is missing where one may; else says what is missing.
install_packages() {
    local entry package what missing=()
    for entry in "$@"; do
        package=${entry%%=*} what=${entry#*=}
        if command -v dpkg-query >/dev/null; then
            dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
        elif [[ ! -e $what ]] && ! command -v "$what" >/dev/null; then
            missing+=("$package")
        fi
    done
    if [[ ${#missing[@]} -eq 0 ]]; then
        return
    fi
    local sudo=()
    if [[ $(id -u) -ne 0 ]]; then
        sudo=(sudo -n)
    fi
    if may_install; then
        step "install ${#missing[@]} packages (apt-get)" "${sudo[@]}" bash -c '
            export DEBIAN_FRONTEND=noninteractive
            apt-get update && apt-get install -y --no-install-recommends "$@"' install "${missing[@]}"
    else
        printf '%sThese packages are missing (Debian'\''s and Ubuntu'\''s names):%s\n' "$bold" "$plain"
        printf '  %s\n' "${missing[@]}"
        printf 'On Debian or Ubuntu: sudo apt-get install %s\n' "${missing[*]}"
        exit 1
    fi
}

# use_wine HOW: what is run under Wine has a prefix of its own, which is made when it is not there (HOW: step or meanwhile).
use_wine() {
    export WINEPREFIX=$PWD/build/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe='
    [[ -e $WINEPREFIX/system.reg ]] || "$1" "make a Wine prefix (build/wine)" bash -c 'wineboot -i && wineserver -w'
}

# install_python_tools FILE...: a virtual environment in build/venv with what the files pin, by hash.
install_python_tools() {
    if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "Python 3.11 or later is needed (package python3-venv; Debian 12, Ubuntu 24.04 or later)."
        exit 1
    fi
    local wanted stamp=build/venv/requirements.installed file options=()
    wanted=$(cat "$@" | sha256sum)
    if [[ -e $stamp && $(<"$stamp") == "$wanted" ]]; then
        return
    fi
    for file in "$@"; do
        options+=(-r "$file")
    done
    step "install the Python tools (build/venv)" bash -c '
        python3 -m venv build/venv &&
        build/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes "$@"' \
        install "${options[@]}"
    printf '%s\n' "$wanted" >"$stamp"
}

# configure PRESET [OPTION...]
configure() {
    step "$1: configure" cmake --preset "$@"
}

# build PRESET [OPTION...]
build() {
    step "$1: build" cmake --build --preset "$@"
}
