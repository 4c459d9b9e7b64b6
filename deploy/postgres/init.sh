#!/usr/bin/env bash
# A role and a database for each service, which nobody else may connect to; roles have the passwords in
# /identities/postgres. The image `postgres` runs this once, when its data is new. It is run again when
# passwords are replaced:
#
#   docker compose … exec postgres bash /docker-entrypoint-initdb.d/init.sh
set -euo pipefail

# statements NAME: run as the superuser. Passwords are neither among arguments nor in the server's log.
statements() {
  local file=/identities/postgres/$1.password
  [ -s "$file" ] || {
    echo "init.sh: there is no password in $file" >&2
    exit 1
  }
  psql --username=postgres --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --set=name="$1" <<SQL
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = panic;
\\set password \`cat $file\`
$(cat)
SQL
}

for name in membership meetings capacity; do
  statements "$name" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', :'name')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' '
              'LC_COLLATE ''C'' LC_CTYPE ''C''', :'name', :'name')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
statements postgres <<'SQL'
ALTER ROLE postgres PASSWORD :'password';
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL
