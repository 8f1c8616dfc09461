#!/bin/bash
# run_install_tests.sh BUILD_DIR SOURCE_DIR: cmake --install into a temporary folder; then what lies there, the commands,
# and the examples in C, C++ and Python against it. Prints what is skipped.
set -u
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() { echo "install: $*" >&2; exit 1; }

prefix=$work/usr
cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1 || { tail -5 "$work/log" >&2; die "cmake --install failed"; }
"$source/tests/install/check_tree.sh" "$prefix" "$source" || die "the tree is wrong"

unset XPUQ_ENGINE_DIR XPUQ_RECORD_DIR XPUQ_DEVICE
export PATH=$prefix/bin:$PATH
cd "$work" || exit 1
digits=$source/models/digits
xpuq-calibrate "$digits/digits.onnx" "$digits/calib" --preset unit -n all -q -o digits.xcal >/dev/null || die "xpuq-calibrate failed"
xpuq-compile "$digits/digits.onnx" -p digits.xcal -q -o digits.xpuq >/dev/null || die "xpuq-compile failed"
xpuq-run digits.xpuq "$digits/test" --min-top1 99 -q -d cpu >/dev/null || die "xpuq-run failed"

# A vertical bar is a one: rows of 12 zeros, 8 ones, 12 zeros in binary32.
floats() { local i; for ((i = 0; i < $2; ++i)); do printf "$1"; done; }
row() { floats '\0\0\0\0' 12; floats '\0\0\200\77' 8; floats '\0\0\0\0' 12; }
row >row.raw
for ((i = 0; i < 32; ++i)); do cat row.raw; done >one.raw

cmake -S "$prefix/share/doc/xpuq/examples" -B examples -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 &&
  cmake --build examples >>"$work/log" 2>&1 || { tail -20 "$work/log" >&2; die "the examples do not build"; }
c=$(examples/classify_c digits.xpuq one.raw) || die "classify.c failed"
[ "${c%% *}" = 1 ] || die "classify.c takes a bar for: $c"
cpp=$(examples/classify_cpp digits.xpuq one.raw) || die "classify.cpp failed"
[ "$cpp" = "$c" ] || die "classify.cpp says $cpp, classify.c $c"
message=$(examples/classify_c missing.xpuq one.raw 2>&1) && die "classify.c took a missing artifact"
[[ $message == E204:*missing.xpuq* ]] || die "classify.c: $message"

if python3 -c 'import numpy' 2>/dev/null; then
  python=$(python3 "$prefix/share/doc/xpuq/examples/classify.py" "$prefix/lib/libxpuq.so" digits.xpuq one.raw) || die "classify.py failed"
  [ "$python" = "$c" ] || die "classify.py says $python, classify.c $c"
else
  echo "skipped: examples/classify.py, python3 has no numpy"
fi
echo "install: fine, $c"
