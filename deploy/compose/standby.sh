#!/bin/bash
# Copies the primary at the first start, and then follows it until it is promoted.
set -e
export PGPASSWORD=$POSTGRES_PASSWORD
until [ -s "$PGDATA/PG_VERSION" ]; do
  pg_basebackup --host postgres-1 --username standby --pgdata "$PGDATA" --slot standby --write-recovery-conf --wal-method stream || {
    find "$PGDATA" -mindepth 1 -delete
    sleep 1
  }
done
chmod 700 "$PGDATA"
exec postgres
