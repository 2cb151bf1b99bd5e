# shellcheck shell=bash disable=SC2034
# What the commands share: options, packages, the Python tools, and showing what runs.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/logs

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' grey=$'\e[90m' plain=$'\e[0m'
else
    bold='' red='' green='' grey='' plain=''
fi

# package=what: without dpkg, a package counts as installed if this command or file exists.
guide_packages=(
    build-essential=g++ cmake=cmake ninja-build=ninja pkg-config=pkg-config directx-headers-dev=/usr/include/wsl/stubs/unknwn.h
    libgtest-dev=/usr/include/gtest/gtest.h libglib2.0-dev=/usr/include/glib-2.0/gio/gio.h
    libcli11-dev=/usr/include/CLI/CLI.hpp libfmt-dev=/usr/include/fmt/format.h
    nlohmann-json3-dev=/usr/include/nlohmann/json.hpp doxygen=doxygen
    python3-venv=python3
)
bench_packages=(
    libbenchmark-dev=/usr/include/benchmark/benchmark.h libboost-dev=/usr/include/boost/version.hpp
    libsigc++-2.0-dev=/usr/include/sigc++-2.0/sigc++/sigc++.h
)
check_packages=(
    clang=clang++ emscripten=em++ g++-mingw-w64-x86-64-posix=x86_64-w64-mingw32-g++-posix
    g++-mingw-w64-i686-posix=i686-w64-mingw32-g++-posix googletest=/usr/src/googletest/CMakeLists.txt iproute2=ip
    libclang-rt-dev=clang++ shellcheck=shellcheck spin=spin valgrind=valgrind wixl=wixl
    mono-mcs=mcs mono-runtime=mono fp-compiler=fpc
    mingw-w64-tools=x86_64-w64-mingw32-widl libwine-dev=/usr/include/wine/wine/windows/unknwn.idl
)

may_install() {
    command -v apt-get >/dev/null && { [[ $(id -u) -eq 0 ]] || sudo -n true 2>/dev/null; }
}
# Programs built for Windows are not run if there is no Wine and it may not be installed.
if command -v wine >/dev/null || may_install; then
    check_packages+=(wine=wine)
fi
# Any Rust will do, whoever has installed it.
if ! command -v cargo >/dev/null; then
    check_packages+=(cargo=cargo)
fi
# Chromium without windows is faster; another one will do, as on Ubuntu, whose packages have none.
if command -v apt-get >/dev/null && ! grep -qs '^ID=ubuntu' /etc/os-release &&
    { may_install || ! { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; }; then
    check_packages+=(chromium-headless-shell=chromium-headless-shell)
fi

# wrong SENTENCE: ends the script with the sentence and its usage.
wrong() {
    printf '%s: %s\n\n' "${0##*/}" "$1" >&2
    usage >&2
    exit 2
}

# take_options ALLOWED ARGUMENT...: ends the script on --help, and on an argument that is not ALLOWED.
take_options() {
    local allowed=$1 argument
    for argument in "${@:2}"; do
        if [[ $argument == --help ]]; then
            usage && exit 0
        elif [[ " $allowed " != *" $argument "* ]]; then
            wrong "unknown argument: $argument"
        fi
    done
}

# step TITLE COMMAND...: runs the command, writes its output to a log, and says how it went. Ends the script on failure.
step() {
    local title=$1 log=build/logs/${1//[^A-Za-z0-9]/-}.log start=$SECONDS
    shift
    [[ ! -t 1 ]] || printf '  %s...%s %s\r' "$grey" "$plain" "$title"
    if "$@" >"$log" 2>&1 </dev/null; then
        printf '  %sok%s  %-54s %10s\n' "$green" "$plain" "$title" "$((SECONDS - start)) s"
    else
        printf '  %sFAILED%s  %s\n\n' "$red" "$plain" "$title"
        tail -n 60 "$log"
        printf '\n%sThe whole output: %s%s\n' "$bold" "$log" "$plain"
        exit 1
    fi
}

# install_packages PACKAGE=WHAT...: installs what is missing, or, where that is not allowed, lists it and ends the script.
install_packages() {
    local entry package what installed missing=()
    installed=$(dpkg-query -W -f '/${Package}=${Status}' 2>/dev/null || true)
    for entry in "$@"; do
        package=${entry%%=*} what=${entry#*=}
        if [[ -n $installed ]]; then
            [[ $installed == *"/$package=install ok installed"* ]] || missing+=("$package")
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

# install_python_tools FILE...: installs what the files pin, by hash, in build/venv, unless these very files were installed.
install_python_tools() {
    if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "Python 3.11 or later is needed (package python3-venv; Debian 12, Ubuntu 24.04 or later)."
        exit 1
    fi
    local file options=()
    for file in "$@"; do
        cmp -s "$file" "build/venv/${file//\//-}" || options+=(-r "$file")
    done
    if [[ ${#options[@]} -gt 0 ]]; then
        step "install the Python tools (build/venv)" bash -c '
            python3 -m venv build/venv &&
            build/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes "$@"' \
            install "${options[@]}"
        for file in "$@"; do
            cp "$file" "build/venv/${file//\//-}"
        done
    fi
}
