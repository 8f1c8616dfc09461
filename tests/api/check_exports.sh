#!/bin/bash
# check_exports.sh LIBXPUQ.SO XPUQ.H: the library shows the functions of the C API and namespace xpuq, and nothing else.
set -u
names=$(nm -D --defined-only --demangle "$1" | cut -d' ' -f3-)
[ -n "$names" ] || { echo "exports: nm lists nothing" >&2; exit 1; }
strange=$(grep -vE '^xpuq(::|_[a-z_]+$)' <<<"$names")
[ -z "$strange" ] || { printf 'exports: not ours:\n%s\n' "$strange" >&2; exit 1; }
declared=$(sed -n 's/^XPUQ_API .*\(xpuq_[a-z_]*\)(.*/\1/p' "$2" | sort)
shown=$(grep -E '^xpuq_' <<<"$names" | sort)
[ "$shown" = "$declared" ] || { printf 'exports: not what xpuq.h declares:\n%s\n' "$(diff <(echo "$declared") <(echo "$shown"))" >&2; exit 1; }
echo "exports: $(wc -l <<<"$names") names, $(wc -l <<<"$shown") of C"
