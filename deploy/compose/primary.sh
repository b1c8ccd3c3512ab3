#!/bin/bash
# Once, when the primary's database is created: the standby may copy it and follow it.
set -e
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  -c "CREATE ROLE standby REPLICATION LOGIN PASSWORD '$POSTGRES_PASSWORD'" \
  -c "SELECT pg_create_physical_replication_slot('standby')"
echo 'host replication standby all scram-sha-256' >> "$PGDATA/pg_hba.conf"
