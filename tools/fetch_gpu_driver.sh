#!/usr/bin/env bash
# fetch_gpu_driver.sh DIR: Intel's compute runtime (Level Zero and OpenCL driver, offline compiler, graphics compiler)
# from Debian's packages, unpacked into DIR/root beside a C library of the same age. Nothing is installed: it serves to
# compile for GPUs that are not there. 380 MB. DIR/packages.txt names what came. Idempotent.
#   XPUQ_DEBIAN_MIRROR  instead of the mirror in this machine's apt configuration
#   XPUQ_DEBIAN_SUITE   where the packages come from (sid: the drivers of stable releases are older than the cards)
set -euo pipefail
[ $# = 1 ] || { echo "usage: fetch_gpu_driver.sh DIR" >&2; exit 2; }
say() { printf 'setup-gpu: %s\n' "$*" >&2; }
die() { say "error: $1"; shift; printf '  %s\n' "$@" >&2; exit 1; }
suite=${XPUQ_DEBIAN_SUITE:-sid}
packages=(libze-intel-gpu1 libze1 intel-opencl-icd intel-ocloc libigc2 libigdfcl2)
wanted="$suite ${packages[*]}"
[ "$(cat "$1/.complete" 2>/dev/null)" = "$wanted" ] && exit 0
for tool in apt-get dpkg-deb; do command -v $tool >/dev/null || die "no $tool" "expected: Debian or Ubuntu"; done
[ "$(dpkg --print-architecture)" = amd64 ] || die "the driver is for amd64" "got: $(dpkg --print-architecture)"

mirror=${XPUQ_DEBIAN_MIRROR:-}
if [ -z "$mirror" ]; then
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v release="$release" '$2 == release && $3 == "main" { print $1; exit }')
fi
[ -n "$mirror" ] || die "no Debian mirror in apt's configuration" "try: XPUQ_DEBIAN_MIRROR=http://deb.debian.org/debian"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keyring ] || die "no $keyring" "try: apt-get install debian-archive-keyring"

mkdir -p "$1"
dir=$(cd "$1" && pwd)
rm -f "$dir/.complete"
# An apt of its own: an empty system, so that every dependency comes along, and nothing of this machine is touched.
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt"/{etc/sources.list.d,etc/preferences.d,etc/apt.conf.d,state/lists/partial,cache/archives/partial}
: >"$apt/status"
echo "deb [arch=amd64 check-valid-until=no signed-by=$keyring] $mirror $suite main" >"$apt/etc/sources.list"
own_apt() {
  apt-get -qq -o Dir::Etc="$apt/etc" -o Dir::Etc::sourcelist="$apt/etc/sources.list" -o Dir::State="$apt/state" \
    -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Architecture=amd64 \
    -o APT::Architectures::=amd64 -o APT::Install-Recommends=0 -o APT::Sandbox::User=root \
    -o Acquire::Languages=none -o Acquire::Check-Date=false -o Acquire::Retries=2 -o Debug::NoLocking=1 "$@"
}
say "fetching the Intel GPU driver from Debian $suite"
own_apt update >"$apt/log" 2>&1 || { tail -3 "$apt/log" >&2; die "the package list of $suite cannot be read" "got: $mirror"; }
own_apt install -y --download-only "${packages[@]}" >>"$apt/log" 2>&1 || { tail -3 "$apt/log" >&2; die "the packages cannot be fetched"; }
rm -rf "$dir/root.part"
mkdir "$dir/root.part"
for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$dir/root.part"; done
rm -rf "$dir/root"
mv "$dir/root.part" "$dir/root"
(cd "$apt/cache/archives" && ls ./*.deb) | sed 's|^\./||' >"$dir/packages.txt"
echo "$wanted" >"$dir/.complete"
