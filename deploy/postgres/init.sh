#!/usr/bin/env bash
# A role and a database for each service, which nobody else may connect to. The image `postgres` runs
# this once, when its data is new.
set -euo pipefail
for name in membership meetings capacity; do
  psql --username=postgres --quiet --set=ON_ERROR_STOP=1 --set=name="$name" \
    --set=password="$(cat "/identities/postgres/$name.password")" <<'SQL'
CREATE ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
psql --username=postgres --quiet --set=ON_ERROR_STOP=1 \
  --command='REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
