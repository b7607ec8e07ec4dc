#!/usr/bin/env bash
# Sees that this machine can build (`build`) and test (`test`) Countersign, and installs what is
# missing, on Debian and its relatives. Does nothing, fast, when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-test}
case $purpose in
    build | test) ;;
    *)
        echo "usage: scripts/setup.sh [build|test]" >&2
        exit 2
        ;;
esac

has() { command -v "$1" >/dev/null 2>&1; }
say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

# Rust comes first: it is the one thing that is not installed for people, because they choose how.
rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
has cargo || fail "Rust is missing. Install $rust_wanted or later from https://rustup.rs and run this again."
rust_found=$(cargo --version | awk '{ print $2 }')
oldest=$(printf '%s\n%s\n' "$rust_wanted" "$rust_found" | sort -V | head -n 1)
[ "$oldest" = "$rust_wanted" ] ||
    fail "Rust $rust_found is too old: $rust_wanted or later is needed. With rustup: rustup update stable"

packages=()
# SQLite and the cryptography are compiled from C.
has cc || packages+=(build-essential)
has make || packages+=(make)
# Programs that may call https look for the certificates of authorities when they start.
certificates() {
    [ -n "${SSL_CERT_FILE:-}" ] || [ -e /etc/ssl/certs/ca-certificates.crt ] ||
        [ -e /etc/pki/tls/certs/ca-bundle.crt ] || [ -e /etc/ssl/cert.pem ] || [ -e /etc/ssl/ca-bundle.pem ]
}
certificates || packages+=(ca-certificates)
# The desk is built from TypeScript, and taken in by Core's binary.
has node || packages+=(nodejs)
has npm || packages+=(npm)
postgres_installed() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
if [ "$purpose" = test ]; then
    # The desk is clicked through in a real browser.
    has chromium || packages+=(chromium)
    has diff || packages+=(diffutils)
    # Tests start servers of their own from the programs in here.
    postgres_installed || packages+=(postgresql)
    # Disks that fill up and fail, in the trial by faults.
    has mkfs.ext4 || packages+=(e2fsprogs)
    has mount || packages+=(mount)
fi

if [ ${#packages[@]} -gt 0 ]; then
    has apt-get || fail "These are missing: ${packages[*]} (Debian's names)." \
        "They are only installed by themselves on Debian and its relatives: install them and run this again."
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        has sudo || fail "These are missing: ${packages[*]}. As root, run:" \
            "  apt-get update && apt-get install --no-install-recommends ${packages[*]}"
        as_root=(sudo)
    fi
    say "installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -qq || fail "apt-get could not read its package lists: is there a network?"
    if [[ " ${packages[*]} " == *" postgresql "* ]]; then
        # Debian's package makes a server of its own and starts it, which nobody here needs.
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends postgresql-common >/dev/null &&
            "${as_root[@]}" sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' \
                /etc/postgresql-common/createcluster.conf ||
            say "PostgreSQL's package may start a server of its own; that does no harm"
    fi
    # sudo drops the environment, so the wish not to be asked is repeated on its command line.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ||
        fail "apt-get could not install ${packages[*]}"
fi

if [ "$purpose" = test ]; then
    missing=()
    cargo fmt --version >/dev/null 2>&1 || missing+=(rustfmt)
    cargo clippy --version >/dev/null 2>&1 || missing+=(clippy)
    if [ ${#missing[@]} -gt 0 ]; then
        has rustup || fail "Missing: ${missing[*]}. Install your distribution's packages for them."
        say "installing ${missing[*]}"
        rustup component add "${missing[@]}"
    fi
fi
if has node; then
    node_found=$(node --version)
    node_major=${node_found#v}
    [ "${node_major%%.*}" -ge 18 ] || fail "Node.js $node_found is too old: 18 or later is needed."
fi
