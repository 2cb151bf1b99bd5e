#!/usr/bin/env bash
# Tries ./guide and ./check on a Debian made from nothing.
# shellcheck source=tools/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
    cat <<'TXT'
Usage: tools/try_on_debian.sh SUITE [guide | check | shell]

Makes a Debian with nothing installed in build/debian/SUITE (bookworm, trixie, ...). Clones the last commit into a folder
there whose name has a blank and an umlaut, and runs ./guide and then ./check in it, or one of them. Needs root,
debootstrap and git; takes the mirror and the settings of apt and pip from this machine. Keeps the logs in
build/logs/debian-SUITE. Deletes the Debian after a success and keeps it after a failure.

  shell    opens a shell in the Debian that was kept
  --help   shows this text
TXT
}

fail() {
    printf 'try_on_debian.sh: %s\n' "$1" >&2
    exit 1
}

suite='' what=all
for argument in "$@"; do
    case $argument in
    --help) usage && exit 0 ;;
    guide | check | shell) what=$argument ;;
    [a-z]*) suite=$argument ;;
    *) wrong "unknown argument: $argument" ;;
    esac
done
[[ -n $suite ]] || wrong "which SUITE?"
[[ $(id -u) -eq 0 ]] || fail "only root may make a Debian"
command -v debootstrap >/dev/null || fail "there is no debootstrap (package debootstrap)"

root=$PWD/build/debian/$suite
clone='root/a blank and an ümlaut'
logs=build/logs/debian-$suite

# The variables that say how to reach the network.
network='https?_proxy|no_proxy|PIP_(CERT|DEFAULT_TIMEOUT|(EXTRA_)?INDEX_URL|PROXY|TRUSTED_HOST)|SSL_CERT_(DIR|FILE)'

# inside COMMAND...: runs it in the Debian. The mounts and all processes of the command end with it.
inside() {
    local settings path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    mapfile -t settings < <(env | grep -iE "^($network)=")
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" && chroot "$@"
        exit $?' inside "$root" \
        env -i HOME=/root LC_ALL=C.UTF-8 PATH=$path TERM="${TERM:-dumb}" "${settings[@]}" \
        bash -c 'cd "/$0" 2>/dev/null; exec "$@"' "$clone" "$@"
}

make_debian() {
    local mirror
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
    mkdir -p "$root"
    # Mounted as /mnt its path has no blank. In a mount namespace of its own nothing stays mounted.
    # shellcheck disable=SC2016
    unshare --mount bash -c '
        mount --bind "$1" /mnt && debootstrap --variant=minbase --include=ca-certificates,git "$2" /mnt $3' \
        make_debian "$root" "$suite" "$mirror" &&
        echo '127.0.0.1 localhost' >"$root/etc/hosts" &&
        apt-config dump Acquire | sed -nE '/^Acquire::(https?|Check-)/p' >"$root/etc/apt/apt.conf.d/this-machine" &&
        mkdir -p /usr/local/share/ca-certificates &&
        cp -r /usr/local/share/ca-certificates "$root/usr/local/share/" &&
        if [[ -e /etc/pip.conf ]]; then cp /etc/pip.conf "$root/etc/"; fi &&
        inside update-ca-certificates &&
        git clone --no-hardlinks . "$root/$clone"
}

if [[ $what == shell ]]; then
    [[ -d $root ]] || fail "there is no Debian in build/debian/$suite"
    inside bash
    exit
fi

# try COMMAND: runs it in the Debian and keeps its logs, also when it fails.
try() {
    local status=0
    inside "./$1" || status=$?
    cp -rT "$root/$clone/build/logs" "$logs/$1" || true
    return $status
}

start=$SECONDS
echo "${bold}Trying $(git describe --always --dirty) on Debian $suite${plain}"
rm -rf --one-file-system "$root" "$logs"
mkdir -p "$logs"
step "$suite: make it (build/debian/$suite)" make_debian
for command in guide check; do
    if [[ $what == "$command" || $what == all ]]; then
        step "$suite: ./$command" try "$command"
    fi
done
rm -rf --one-file-system "$root"
printf '\nAll of it works on Debian %s, in %d s. The logs: %s\n' "$suite" $((SECONDS - start)) "$logs"
