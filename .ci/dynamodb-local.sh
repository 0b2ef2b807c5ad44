#!/usr/bin/env bash
# Runs the store's contract suite against Amazon's own DynamoDB Local, wherever java is there.
# The jar comes inside an npm package; it is kept in .cache/, which git ignores, and where the tests of the
# bundles find it. `--fetch` only puts it there.
set -euo pipefail
cd "$(dirname "$0")/.."

package=amplify-dynamodb-simulator
version=2.9.30
cache="$PWD/.cache/dynamodb-local/$version"
ready_seconds_max=60

if ! command -v java >/dev/null; then
  echo 'There is no java here: nothing is run against DynamoDB Local.'
  exit 0
fi

if [ ! -f "$cache/package/emulator/DynamoDBLocal.jar" ]; then
  # Unpacked beside its place and then moved: a run that was stopped leaves nothing half there.
  mkdir -p "$cache"
  unpacking="$(mktemp -d "$cache/unpacking.XXXXXX")"
  (cd "$unpacking" && npm pack --loglevel=error "$package@$version" >/dev/null && tar -xzf ./*.tgz)
  rm -rf "$cache/package"
  mv "$unpacking/package" "$cache/package"
  rm -rf "$unpacking"
fi
if [ "${1:-}" = --fetch ]; then exit 0; fi

port="$(node -e '
  const server = require("node:net").createServer()
  server.listen(0, "127.0.0.1", () => {
    console.log(server.address().port)
    server.close()
  })
')"
endpoint="http://127.0.0.1:$port"
log="$cache/server.log"

cd "$cache/package/emulator"
java -Djava.library.path=DynamoDBLocal_lib -jar DynamoDBLocal.jar -inMemory -port "$port" \
  >"$log" 2>&1 &
server=$!
cd - >/dev/null
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true' EXIT

# It answers an unsigned request with an error, which is an answer.
for ((second = 0; ; second++)); do
  if node -e "fetch('$endpoint').catch(() => process.exit(1))"; then break; fi
  if ! kill -0 "$server" 2>/dev/null || [ "$second" -ge "$ready_seconds_max" ]; then
    echo "DynamoDB Local does not answer; its last words:" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
  sleep 1
done

echo "DynamoDB Local answers at $endpoint"
DYNAMODB_ENDPOINT="$endpoint" npx vitest run --project contract "$@"
