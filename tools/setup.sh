#!/usr/bin/env bash
# setup.sh [--tests] [--mpi] [--package] [--fuzz]: installs what building xpuq (and testing it) needs on Debian 12 or 13: packages by apt
# and, where the distribution's oneDNN is older than 3.1, oneDNN from its PyPI wheels into third_party/onednn. Does nothing
# when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(g++ cmake ninja-build pkg-config ca-certificates
          libonnx-dev libonnx-testdata libprotobuf-dev libcli11-dev libspdlog-dev catch2 nlohmann-json3-dev
          libzip-dev libjpeg-dev libpng-dev libssl-dev libisal-dev zlib1g-dev libzstd-dev libze-dev opencl-headers python3-pip)
for switch in "$@"; do
  case $switch in
    # Only tests use it: own GPU kernels run on the CPU there.
    --tests) packages+=(pocl-opencl-icd ocl-icd-libopencl1) ;;
    # For -DXPUQ_MPI=ON, and for the tests of --mpi, which are built where MPI is found. A hundred packages, 400 MB.
    --mpi) packages+=(libopenmpi-dev openmpi-bin iproute2) ;;
    # cpack asks them which libraries a package depends on.
    --package) packages+=(dpkg-dev file) ;;
    # The preset "fuzz" is built by clang, for libFuzzer.
    --fuzz) packages+=(clang-19 libclang-rt-19-dev libomp-19-dev) ;;
    *) echo "usage: setup.sh [--tests] [--mpi] [--package] [--fuzz]" >&2; exit 2 ;;
  esac
done

say() { printf 'setup: %s\n' "$*" >&2; }
die() { printf 'setup: error: %s\n' "$1" >&2; shift; printf '  %s\n' "$@" >&2; exit 1; }
# The answer of `apt-get install` for a virtual package (libjpeg-dev) is known by what provides it.
have() { dpkg-query -W -f='${Status}\n' "$1" 2>/dev/null | grep -q 'ok installed' || dpkg-query -W -f='${Provides}\n' 2>/dev/null | grep -qE "(^|[ ,])$1([ ,(]|\$)"; }

command -v apt-get >/dev/null || die "no apt-get on this machine" "expected: Debian 12 or 13" "try: install the packages listed in tools/setup.sh by hand, then cmake --preset release"
as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || die "not root and no sudo" "try: run as root once"
  as_root=(sudo)
fi

missing=()
for p in "${packages[@]}"; do have "$p" || missing+=("$p"); done
# Debian 13 has oneDNN 3.7; Debian 12's 2.6 is too old and is left alone.
system_onednn=$(apt-cache policy libdnnl-dev 2>/dev/null | sed -n 's/ *Candidate: *//p')
if [ ${#missing[@]} -gt 0 ] || [ -z "$system_onednn" ] || [ "$system_onednn" = "(none)" ]; then
  say "apt-get update"
  "${as_root[@]}" apt-get update -qq
  system_onednn=$(apt-cache policy libdnnl-dev 2>/dev/null | sed -n 's/ *Candidate: *//p')
fi
use_system=no
if [ -n "$system_onednn" ] && [ "$system_onednn" != "(none)" ] && dpkg --compare-versions "${system_onednn#*:}" ge 3.1; then
  use_system=yes
  have libdnnl-dev || missing+=(libdnnl-dev)
fi
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

[ $use_system = yes ] || tools/fetch_onednn.sh third_party/onednn
