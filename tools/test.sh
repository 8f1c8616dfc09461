#!/usr/bin/env bash
# Installs what is needed, builds (in the folder that tools/demo.sh uses too) and runs all tests through ctest.
# Arguments go to ctest, for example -R cli.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh --tests
models/fetch.sh third_party/pretrained
cmake --preset release -DXPUQ_TESTS=ON >/dev/null
cmake --build --preset release
exec ctest --test-dir build/release --output-on-failure --timeout 600 "$@"
