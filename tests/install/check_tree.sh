#!/bin/bash
# check_tree.sh PREFIX SOURCE_DIR: what an installation must have, and that nothing in it knows where it was built.
set -u
prefix=$1 source=$2
failed=0
wrong() { echo "check_tree: $*" >&2; failed=1; }

for file in bin/xpuq-calibrate bin/xpuq-compile bin/xpuq-run lib/libxpuq.so lib/xpuq/libxpuq_engine_cpu.so \
  include/xpuq/xpuq.h include/xpuq/executor.h include/xpuq/export.h include/xpuq/result.h include/xpuq/types.h \
  lib/cmake/xpuq/xpuqConfig.cmake lib/cmake/xpuq/xpuqConfigVersion.cmake \
  share/man/man1/xpuq-{calibrate,compile,run}.1 share/man/man5/xpuq-{profile,artifact}.5 share/man/man7/xpuq-preprocessing.7 \
  share/bash-completion/completions/xpuq-{calibrate,compile,run} share/zsh/site-functions/_xpuq-{calibrate,compile,run} \
  share/fish/vendor_completions.d/xpuq-{calibrate,compile,run}.fish \
  share/doc/xpuq/README.md share/doc/xpuq/docs/tutorial.md share/doc/xpuq/examples/classify.c; do
  [ -s "$prefix/$file" ] || [ -s "$prefix/$file.gz" ] || wrong "no $file"
done
if [ -e "$prefix/lib/xpuq/libdnnl.so.3" ]; then
  for file in LICENSE THIRD-PARTY-PROGRAMS; do [ -s "$prefix/share/doc/xpuq/onednn/$file" ] || wrong "oneDNN without its $file"; done
fi

# expect FILE RPATH: "" for none.
rpath() {
  local got
  got=$(readelf -d "$prefix/$1" | sed -n 's/.*R\(UN\)\?PATH.*\[\(.*\)\]/\2/p')
  [ "$got" = "$2" ] || wrong "$1: RPATH '$got', not '$2'"
}
for command in calibrate compile run; do rpath bin/xpuq-$command ""; done
rpath lib/libxpuq.so ""
rpath lib/xpuq/libxpuq_engine_cpu.so '$ORIGIN'
[ ! -e "$prefix/lib/xpuq/xpuq-record" ] || rpath lib/xpuq/xpuq-record '$ORIGIN/onednn-gpu'

known=$(grep -rlF -e "$source" "$prefix") && wrong "the build's folder $source is named in: $known"
exit $failed
