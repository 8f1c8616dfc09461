# xpuq-compile --sign and xpuq-run --require-signature (docs/security.md); keys and a second opinion by openssl.
SIGNED=signed.xpuq  # digits.xpuq again
run_signed() { run xpuq-run "${@:2}" --require-signature "$1"; }
openssl genpkey -algorithm ed25519 -out key.pem
openssl pkey -in key.pem -pubout -out public.pem
openssl genpkey -algorithm ed25519 -out other.pem
openssl pkey -in other.pem -pubout -out other-public.pem
openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out curve.pem
openssl pkey -in curve.pem -pubout -out curve-public.pem
openssl genpkey -algorithm ed25519 -aes256 -pass pass:secret -out locked.pem
xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o $SIGNED --embed-labels "$MODELS/labels.txt" --sign key.pem -q >/dev/null

name "sign: FILE.sig beside the artifact is what openssl takes for an Ed25519 signature of it"
run openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in $SIGNED -sigfile $SIGNED.sig
status 0
out "Signature Verified Successfully"
holds test "$(stat -c %s $SIGNED.sig)" = 64

name "sign: the artifact is the same as without"
holds cmp digits.xpuq $SIGNED

name "sign: a signed artifact runs, is listed and tested"
run_signed public.pem $SIGNED "$PICTURE" --topk 1
status 0
out "seven"
run_signed public.pem $SIGNED --info --verify
status 0
out "PLAN"
run_signed public.pem $SIGNED --self-test
status 0

name "sign: what openssl signed runs, too"
cp $SIGNED by-openssl.xpuq
openssl pkeyutl -sign -rawin -inkey key.pem -in by-openssl.xpuq -out by-openssl.xpuq.sig
run_signed public.pem by-openssl.xpuq --info
status 0
holds cmp $SIGNED.sig by-openssl.xpuq.sig

name "sign: the key of somebody else"
for mode in "$PICTURE" --info --self-test --list-layers --check-compat; do
  run_signed other-public.pem $SIGNED "$mode"
  status 5
  err "E504: $SIGNED: its signature is not valid"
  err "other-public.pem"
done

name "sign: a changed artifact"
cp $SIGNED changed.xpuq
cp $SIGNED.sig changed.xpuq.sig
printf x | dd of=changed.xpuq bs=1 seek=$(($(stat -c %s changed.xpuq) - 100)) conv=notrunc status=none
run_signed public.pem changed.xpuq --info
status 5
silent_out
err "E504: changed.xpuq: its signature is not valid"

name "sign: no signature, and one that is none"
cp $SIGNED bare.xpuq
run_signed public.pem bare.xpuq --info
status 5
err "E504: bare.xpuq: is not signed"
err "xpuq-compile --sign"
head -c 63 $SIGNED.sig >bare.xpuq.sig
run_signed public.pem bare.xpuq --info
status 5
err "E504: bare.xpuq.sig: is no signature"
err "63 bytes"

name "sign: the reference must be signed, too"
run_signed public.pem $SIGNED "$PICTURE" --reference digits_f32.xpuq
status 5
err "E504: digits_f32.xpuq: is not signed"

name "sign: keys that do not fit"
run_signed curve-public.pem $SIGNED --info
status 2
err "E211: curve-public.pem: is no public Ed25519 key"
err "a key of another kind"
run_signed key.pem $SIGNED --info
status 2
err "E211: key.pem: is no public Ed25519 key"
err "openssl pkey -in key.pem -pubout"
run_signed nowhere.pem $SIGNED --info
status 2
err "E204: nowhere.pem: no such file"
run_signed . $SIGNED --info
status 2
err "E211: .: is not a regular file"
for key in curve.pem public.pem locked.pem; do
  run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o unsigned.xpuq --sign $key
  status 2
  err "E211: $key: is no private Ed25519 key"
  holds not test -e unsigned.xpuq
done
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o unsigned.xpuq --sign nowhere.pem
status 2
err "E204: nowhere.pem"

name "sign: standard output has no place for a signature"
run xpuq-compile "$MODELS/digits.onnx" -p digits.xcal -o - --sign key.pem
status 2
err "--sign"
no_leftovers
