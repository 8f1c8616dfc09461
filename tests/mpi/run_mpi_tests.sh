#!/bin/bash
# run_mpi_tests.sh BIN_DIR XPUQ_CALIBRATE_MPI: xpuq-calibrate --mpi with four ranks on this machine.
set -u
BIN=$(cd "$1" && pwd) || exit 2
CALIBRATE=$(realpath "$2")
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODEL=$HERE/../../models/digits/digits.onnx
PICTURES=$HERE/../../models/digits/calib
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
export LC_ALL=C TERM=dumb PATH="$BIN:$PATH" XPUQ_THREADS=1
ONLY=*
source "$HERE/mpirun.sh"
source "$HERE/../cli/checks.sh"
cd "$WORK" || exit 2
for i in 1 2 3 4; do xpuq-calibrate "$MODEL" "$PICTURES" --preset unit -n 50 --shard $i/4 -o part$i.xcal -q >/dev/null; done
xpuq-calibrate --merge -o merged.xcal part?.xcal -q >/dev/null

name "mpi: four ranks give the profile of four merged shards, byte for byte"
run mpirun -n 4 "$CALIBRATE" "$MODEL" "$PICTURES" --preset unit -n 50 -o ranks.xcal --mpi
status 0
out "ranks.xcal: 50 images, "
no_err "warning"
holds cmp merged.xcal ranks.xcal
holds test -z "$(find . -name 'ranks.xcal.*')"

name "mpi: minmax is exactly that of one process, and so is what is compiled with it"
xpuq-calibrate "$MODEL" "$PICTURES" --preset unit -n 50 --method minmax -o whole.xcal -q >/dev/null
run mpirun -n 4 "$CALIBRATE" "$MODEL" "$PICTURES" --preset unit -n 50 --method minmax -o minmax.xcal --mpi
status 0
for p in whole minmax; do
  xpuq-calibrate --show $p.xcal --json | grep -E '"(name|min|max|clip)"' >$p.ranges
  xpuq-compile "$MODEL" -p $p.xcal -o $p.xpuq -q >/dev/null
done
holds grep -q '"max"' whole.ranges
holds cmp whole.ranges minmax.ranges
holds cmp whole.xpuq minmax.xpuq

name "mpi: one document with --json, and one rank is enough"
run mpirun -n 2 "$CALIBRATE" "$MODEL" "$PICTURES" --preset unit -n 50 -o json.xcal --mpi --json
status 0
holds test "$(grep -c '"schema"' .out)" = 1
out '"used": 50'
run mpirun -n 1 "$CALIBRATE" "$MODEL" "$PICTURES" --preset unit -n 50 -o one.xcal --mpi --json
status 0
out '"used": 50'

name "mpi: a bad picture ends the job, which names the rank and the picture and leaves no profile"
mkdir pictures
for i in $(seq 10 25); do cp "$(find "$PICTURES" -name '*.png' | sort | sed -n ${i}p)" pictures/$i.png; done
echo "no picture" >pictures/20.png
run mpirun -n 4 "$CALIBRATE" "$MODEL" pictures --preset unit -o bad.xcal --mpi
status 4
err "E404: rank 2 of 4 on "
err ": 20.png: too many samples cannot be used"
holds not test -e bad.xcal
no_leftovers

name "mpi: a bad picture that is tolerated is named in the one profile"
run mpirun -n 4 "$CALIBRATE" "$MODEL" pictures --preset unit -o tolerated.xcal --mpi --max-bad 1
status 0
out "tolerated.xcal: 15 images, "
err "W020: 20.png: skipped"
holds grep -q '20.png' tolerated.xcal

name "mpi: an existing profile is not overwritten"
run mpirun -n 2 "$CALIBRATE" "$MODEL" "$PICTURES" --preset unit -n 50 -o one.xcal --mpi
status 2
err "E206: rank 0 of 2 on "
err "one.xcal: exists already"
finish
