#!/usr/bin/env bash
# package.sh [OUT_DIR]: builds a release and makes xpuq_<version>_<architecture>.deb of it (in build/package by default),
# for the Debian it is run on. To install one: apt-get install ./xpuq_*.deb
# DEBFULLNAME and DEBEMAIL, where set, name its maintainer.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-build/package}")
tools/setup.sh --package
cmake --preset release -DXPUQ_MPI=OFF >/dev/null
cmake --build --preset release
rm -rf "$out"
contact=()
[ -z "${DEBEMAIL:-}" ] || contact=(-D "CPACK_PACKAGE_CONTACT=${DEBFULLNAME:-$DEBEMAIL} <$DEBEMAIL>")
cpack --config build/release/CPackConfig.cmake -B "$out" "${contact[@]}" >&2
rm -rf "$out/_CPack_Packages"
ls "$out"/*.deb
