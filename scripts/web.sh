#!/usr/bin/env bash
# The web application: `build` makes web/dist, which Core's binary takes in; `check` looks at its types,
# style and generated parts and runs its unit tests; `browser` clicks through it in Chromium; `measure` says how
# long a slow phone takes to open it.
# Each does only what is not done yet.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
cd web

# Installed again only when what is locked has changed.
modules() {
    local stamp=node_modules/.installed-from locked
    locked=$(cat package.json package-lock.json | sha256sum)
    if [ ! -f $stamp ] || [ "$(cat $stamp)" != "$locked" ]; then
        echo "web: installing its Node packages" >&2
        # Not `npm ci`: it wants the builds for every other platform in the lock file, which npm writes down
        # only where it finds them. What is locked is what comes, and the lock file stays as it is.
        npm install --no-save --no-audit --no-fund --loglevel=error >&2
        printf '%s\n' "$locked" >$stamp
    fi
    # Debian's own Node may be too old for Vite: one of the packages is a current Node.
    if [ -x node_modules/node/bin/node ]; then
        PATH=$PWD/node_modules/node/bin:$PATH
    fi
    PATH=$PWD/node_modules/.bin:$PATH
    export PATH
}

build() {
    modules
    local stamp=dist/.built-from sources
    sources=$(find src public scripts index.html vite.config.ts package-lock.json -type f -print0 |
        sort -z | xargs -0 sha256sum | sha256sum)
    if [ ! -f $stamp ] || [ "$(cat $stamp)" != "$sources" ]; then
        echo "web: building the desk" >&2
        vite build --logLevel warn
        node scripts/compress.mjs
        printf '%s\n' "$sources" >$stamp
    fi
}

case ${1:-} in
    build) build ;;
    check)
        modules
        openapi-typescript "$root/docs/openapi.json" -o node_modules/.schema.d.ts >/dev/null
        if ! diff -q src/api/schema.d.ts node_modules/.schema.d.ts >/dev/null; then
            echo "web/src/api/schema.d.ts is out of date: run \`npm run types\` in web/" >&2
            exit 1
        fi
        tsc --noEmit
        biome ci --log-level=warn .
        exec vitest run "${@:2}"
        ;;
    browser)
        build
        binary=$("$root/scripts/target.sh" --where "${COUNTERSIGN_PROFILE:-debug}/countersign")
        COUNTERSIGN_BINARY=$binary exec node --test --test-concurrency=1 --test-reporter=spec "${@:2}" tests/*.test.mjs
        ;;
    measure)
        build
        binary=$("$root/scripts/target.sh" --where "${COUNTERSIGN_PROFILE:-debug}/countersign")
        COUNTERSIGN_BINARY=$binary exec node tests/slow-phone.mjs
        ;;
    *)
        echo "usage: scripts/web.sh build|check|browser|measure" >&2
        exit 2
        ;;
esac
