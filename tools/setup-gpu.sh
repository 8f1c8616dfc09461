#!/usr/bin/env bash
# Fetches what compiling for Intel GPUs needs besides tools/setup.sh: oneDNN with its GPU engine (PyPI, 2 GB with the
# SYCL runtime) into third_party/onednn-gpu, and the Intel driver, for machines without a GPU, into
# third_party/gpu-driver. Running what was compiled needs neither. Does nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh
version=2026.1.0
if [ "$(cat third_party/onednn-gpu/.version 2>/dev/null)" != "$version" ]; then
  echo "setup-gpu: fetching oneDNN $version with its GPU engine" >&2
  python3 -c 'import ensurepip' 2>/dev/null || { [ "$(id -u)" = 0 ] && apt-get install -y -qq python3-venv >/dev/null; } || {
    echo "setup-gpu: error: python3 has no venv" >&2
    echo "  try: apt-get install python3-venv" >&2
    exit 1
  }
  python3 -m venv third_party/onednn-gpu
  third_party/onednn-gpu/bin/pip install -q --disable-pip-version-check "onednn-devel==$version"
  echo "$version" >third_party/onednn-gpu/.version
fi
tools/fetch_gpu_driver.sh third_party/gpu-driver
