#!/usr/bin/env bash
# Starts PostgreSQL and an S3 server for the tests, runs the command given, and stops them.
# Usage: scripts/test-servers.sh npm test
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
pg_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

stop() {
  set +e
  as_postgres "$pg_bin/pg_ctl" -D "$work/pg/data" -m immediate stop >/dev/null 2>&1
  for file in "$work"/s3/out/*.pid; do [ -f "$file" ] && kill "$(cat "$file")" 2>/dev/null; done
  sleep 1
  for file in "$work"/s3/out/*.pid; do [ -f "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null; done
  rm -rf "$work"
}
trap stop EXIT

chmod 755 "$work"
mkdir "$work/pg" && { [ "$(id -u)" != 0 ] || chown postgres "$work/pg"; }
as_postgres "$pg_bin/initdb" -D "$work/pg/data" -A trust -U concord --no-sync >/dev/null
as_postgres "$pg_bin/pg_ctl" -w -D "$work/pg/data" -l "$work/pg/log" \
  -o "-p 55433 -k $work/pg -c listen_addresses=127.0.0.1 -c max_connections=200" start >/dev/null
as_postgres "$pg_bin/createdb" -h 127.0.0.1 -p 55433 -U concord concord_test
export CONCORD_TEST_DATABASE_URL=postgresql://concord@127.0.0.1:55433/concord_test

D="$work/s3" PORT=7480 AK=testkey SK=testsecretkey scripts/s3-server.sh
export CONCORD_TEST_S3_ENDPOINT=http://127.0.0.1:7480
export CONCORD_TEST_S3_ACCESS_KEY=testkey CONCORD_TEST_S3_SECRET_KEY=testsecretkey CONCORD_TEST_S3_REGION=default

status=0
"$@" || status=$?
exit "$status"
