#!/usr/bin/env bash
# Installs what is needed, builds, and runs all tests through ctest. Arguments go to ctest (for example -R cli).
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh
models/fetch.sh third_party/pretrained
cmake --preset dev >/dev/null
cmake --build --preset dev
exec ctest --test-dir build/dev --output-on-failure --timeout 600 "$@"
