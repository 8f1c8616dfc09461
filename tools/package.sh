#!/usr/bin/env bash
# package.sh [OUT_DIR]: builds a release and makes xpuq_<version>_<architecture>.deb of it (in build/package by default),
# for the Debian it is run on. To install one: apt-get install ./xpuq_*.deb
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-build/package}")
tools/setup.sh
command -v dpkg-shlibdeps >/dev/null || {
  echo "package: error: no dpkg-shlibdeps, which finds out what the package depends on" >&2
  echo "  try: apt-get install dpkg-dev" >&2
  exit 1
}
cmake --preset release >/dev/null
cmake --build --preset release
rm -rf "$out"
cpack --config build/release/CPackConfig.cmake -B "$out" >&2
rm -rf "$out/_CPack_Packages"
ls "$out"/*.deb
