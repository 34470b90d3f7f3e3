#!/usr/bin/env bash
# Builds the Lambda functions and packs each as target/lambda/<function>/bootstrap.zip, where infra/template.yaml finds it.
# Building the same sources again gives the same bytes.
#
#   infra/build.sh [--arch arm64|x86_64] [--debug]
#
# Without --arch for the processor that is the default of the template's parameter Architecture. For another one, deploy with that
# parameter too. On Linux with that processor plain cargo builds; anywhere else `cargo lambda` does (pip install cargo-lambda),
# which brings a cross compiler.
#
# With --debug it packs what the tests have built, for this machine's processor: quick, slow to run, large, and never for a release.
set -euo pipefail
cd "$(dirname "$0")/.."

# Amazon Linux 2023, which the runtime provided.al2023 is.
readonly NEWEST_GLIBC=2.34
# A cold start loads the bootstrap, and a customer or a shop waits for it.
readonly MAX_BOOTSTRAP_BYTES=8000000
# One crate a function, and its bootstrap has the crate's name.
FUNCTIONS="$(cd functions && for crate in */Cargo.toml; do dirname "$crate"; done)"
readonly FUNCTIONS
# What releases are built with. Another version builds the same programs of other bytes.
readonly RUST=1.95.0
# The same selection always: another one would resolve other features and build everything again. Of Cargo.lock's versions only.
# The tests' own selection, so that nothing but the programs themselves is built for --debug.
readonly DEBUG_SELECTION="--workspace --bins"
readonly SELECTION="--locked --release --workspace --exclude rekindle --exclude rekindle-emulators --exclude rekindle-local-stack --exclude rekindle-demo --exclude rekindle-imports --exclude rekindle-learning --exclude rekindle-planning --exclude rekindle-operator --exclude rekindle-tests --bins"
# How the machine code is made smaller, by 6 %, than cargo's profile alone can say (Cargo.toml):
# - With a frame pointer in every function, the tables by which a panic finds its way back are a third smaller.
# - What several functions do alike becomes a function of its own, if that saves more than its entry in those tables takes. LLVM
#   does this by itself on arm64.
readonly SMALLER="-C force-frame-pointers=yes -C llvm-args=-enable-machine-outliner=always -C llvm-args=-outliner-benefit-threshold=32"
# No path of the machine that builds is in a program, so that every machine makes the same.
readonly NO_PATHS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src="

fail() {
    echo "build.sh: $1" >&2
    exit "${2:-1}"
}

arch=$(sed -n '/^  Architecture:$/,/Default:/s/^ *Default: //p' infra/template.yaml)
debug=""
while [ $# -gt 0 ]; do
    case "$1" in
    --arch)
        [ $# -ge 2 ] || fail "--arch needs a value: arm64 or x86_64" 2
        arch="$2"
        shift 2
        ;;
    --arch=*)
        arch="${1#--arch=}"
        shift
        ;;
    --debug)
        debug=1
        shift
        ;;
    -h | --help)
        sed -n '2,11s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) fail "unknown argument $1; see infra/build.sh --help" 2 ;;
    esac
done
case "$arch" in
x86_64) machine=x86_64 ;;
arm64) machine=aarch64 ;;
*) fail "--arch is arm64 or x86_64, not $arch" 2 ;;
esac
command -v cargo >/dev/null || fail "cargo is not installed; see https://rustup.rs"
rust=$(rustc --version | cut -d ' ' -f 2)
[ -n "$debug" ] || [ "$rust" = "$RUST" ] || echo "build.sh: releases are built with Rust $RUST, and this is $rust: the bytes will differ" >&2
command -v python3 >/dev/null || fail "python3 is needed to pack the functions"

target="${CARGO_TARGET_DIR:-target}"
max_bytes=$MAX_BOOTSTRAP_BYTES
if [ -n "$debug" ]; then
    [ "$(uname -s)" = Linux ] && [ "$(uname -m)" = "$machine" ] || fail "--debug packs for the processor of this machine only" 2
    # shellcheck disable=SC2086
    cargo build --locked $DEBUG_SELECTION
    built="$target/debug/stripped"
    max_bytes=200000000
    mkdir -p "$built"
    for function in $FUNCTIONS; do
        strip -o "$built/$function" "$target/debug/$function"
    done
elif [ "$(uname -s)" = Linux ] && { [ "$(uname -m)" = "$machine" ] || { [ "$(uname -m)" = arm64 ] && [ "$arch" = arm64 ]; }; }; then
    # shellcheck disable=SC2086
    RUSTFLAGS="${RUSTFLAGS:-} $SMALLER $NO_PATHS" cargo build $SELECTION
    built="$target/release"
else
    cargo lambda --version >/dev/null 2>&1 || fail \
        "this machine ($(uname -s) $(uname -m)) cannot build for Linux on $machine by itself: pip install cargo-lambda, and run this again"
    # At a fixed address, as functions/link.rs says to the other linker.
    # shellcheck disable=SC2086
    RUSTFLAGS="${RUSTFLAGS:-} $SMALLER -C relocation-model=static $NO_PATHS" \
        cargo lambda build $SELECTION --target "$machine-unknown-linux-gnu.$NEWEST_GLIBC"
    built=""
fi

python3 - "$target" "$built" "$NEWEST_GLIBC" "$max_bytes" "${debug:+1}" $FUNCTIONS <<'PYTHON'
import os, re, stat, sys, zipfile

target, built, newest, max_bytes, debug, *functions = sys.argv[1:]
version = lambda text: tuple(int(part) for part in text.split("."))
problems, packed = [], []
for function in functions:
    # `cargo lambda` leaves each in a folder of its own.
    source = os.path.join(built, function) if built else os.path.join(target, "lambda", function, "bootstrap")
    with open(source, "rb") as file:
        program = file.read()
    # The names of the versions that a program needs stand in it as strings.
    needs = {version(found.decode()) for found in re.findall(rb"\0GLIBC_(\d+(?:\.\d+)+)(?=\0)", program)}
    if needs and max(needs) > version(newest):
        wanted = ".".join(map(str, max(needs)))
        problems.append(f"{function} needs glibc {wanted}; Lambda has {newest}: build on an older system, or with cargo lambda")
    if len(program) > int(max_bytes):
        problems.append(f"{function} has {len(program):,} bytes, more than {int(max_bytes):,}")
    # Beside the programs and not in their place, so that a half-written one is never deployed.
    folder = os.path.join("target", "lambda", function)
    os.makedirs(folder, exist_ok=True)
    unfinished, finished = os.path.join(folder, "unfinished"), os.path.join(folder, "bootstrap.zip")
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o755) << 16
    with zipfile.ZipFile(unfinished, "w") as archive:
        archive.writestr(entry, program, zipfile.ZIP_DEFLATED, 1 if debug else 9)
    packed.append((function, len(program), os.path.getsize(unfinished), unfinished, finished))
if problems:
    for *_, unfinished, _ in packed:
        os.remove(unfinished)
    sys.exit("\n".join(f"build.sh: {problem}" for problem in problems))
print(f"{'function':<10} {'bootstrap':>12} {'zip':>12}")
for function, whole, zipped, unfinished, finished in packed:
    os.replace(unfinished, finished)
    # Left beside the zip it would be packaged too.
    if not built:
        os.remove(os.path.join(target, "lambda", function, "bootstrap"))
    print(f"{function:<10} {whole:>12,} {zipped:>12,}  {finished}")
PYTHON
