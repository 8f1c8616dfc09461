#!/bin/bash
# run_two_hosts.sh BIN_DIR XPUQ_CALIBRATE_MPI: xpuq-calibrate --mpi with two ranks on each of two hosts. The hosts are
# network namespaces with names of their own, joined by a cable (a veth pair); mpirun reaches the second one through a
# stand-in for ssh. Needs root and ip (iproute2).
set -u
BIN=$(cd "$1" && pwd) || exit 2
CALIBRATE=$(realpath "$2")
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MODEL=$HERE/../../models/digits/digits.onnx
PICTURES=$HERE/../../models/digits/calib
WORK=$(mktemp -d)
A=xpuq-a-$$ B=xpuq-b-$$
trap 'ip netns del $A; ip netns del $B; rm -rf "$WORK"' EXIT 2>/dev/null
ip netns add $A 2>/dev/null && ip netns add $B 2>/dev/null || { echo "two hosts: skipped: no network namespaces (root and iproute2 are needed)"; exit 0; }
export LC_ALL=C TERM=dumb PATH="$BIN:$PATH" XPUQ_THREADS=1
ONLY=*
source "$HERE/mpirun.sh"
source "$HERE/../cli/checks.sh"
cd "$WORK" || exit 2

ip link add cable netns $A type veth peer name cable netns $B
ip -n $A addr add 10.77.0.1/24 dev cable
ip -n $B addr add 10.77.0.2/24 dev cable
for host in $A $B; do ip -n $host link set lo up; ip -n $host link set cable up; done

# on HOST COMMAND...: what ssh does.
cat >on <<'S'
#!/bin/bash
host=$1
shift
exec ip netns exec "$host" unshare --uts /bin/bash -c 'hostname "$0"; exec /bin/bash -c "$1"' "$host" "$*"
S
# The agent gets addresses.
cat >agent <<S
#!/bin/bash
[ "\$1" = 10.77.0.1 ] && host=$A || host=$B
shift
exec "$WORK/on" \$host "\$@"
S
chmod +x on agent
sent() { ip netns exec $B cat /sys/class/net/cable/statistics/tx_bytes; }
job() {
  ./on $A mpirun --mca plm_rsh_agent "$WORK/agent" --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24 \
    --host 10.77.0.1:2,10.77.0.2:2 -n 4 "$CALIBRATE" "$@" --preset unit --mpi
}

name "two hosts: two ranks each give the profile of four merged shards"
for i in 1 2 3 4; do xpuq-calibrate "$MODEL" "$PICTURES" --preset unit -n 50 --shard $i/4 -o part$i.xcal -q >/dev/null; done
xpuq-calibrate --merge -o merged.xcal part?.xcal -q >/dev/null
run job "$MODEL" "$PICTURES" -n 50 -o ranks.xcal
status 0
out "ranks.xcal: 50 images, "
holds cmp merged.xcal ranks.xcal
# The statistics of two ranks came over the cable.
holds test "$(sent)" -gt $(($(stat -c %s part3.xcal) + $(stat -c %s part4.xcal)))

name "two hosts: a rank that fails on the other host ends the job"
mkdir pictures
for i in $(seq 10 25); do cp "$(find "$PICTURES" -name '*.png' | sort | sed -n ${i}p)" pictures/$i.png; done
echo "no picture" >pictures/20.png
run job "$MODEL" pictures -o bad.xcal
status 4
err "E404: rank 2 of 4 on $B: 20.png"
holds not test -e bad.xcal
no_leftovers
finish
