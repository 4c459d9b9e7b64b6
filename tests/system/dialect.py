"""What engines that speak PostgreSQL's protocol lack, by their documentation.

CockroachDB: "PostgreSQL compatibility", "Known limitations", "Functions and operators".
YugabyteDB: "PostgreSQL compatibility", "Functions and operators", the issues of yugabyte-db that
they point to. Neither has been run here.
"""

import re

# Of a statement, with why it won't do.
_BOTH = [
    (r'\bpg_(try_)?advisory', 'advisory locks are new there, or lock nothing'),
    (r'\bxid8?\b|pg_current_xact_id|pg_snapshot|\btxid_', 'transactions have no numbers'),
    (r'^\s*(UN)?LISTEN\b|^\s*NOTIFY\b', 'there are no notifications'),
    (r'^\s*LOCK\b', 'tables have no locks'),
    (r'\b(BIG|SMALL)?SERIAL\b', 'the numbers of a SERIAL come in no order'),
    (r'^\s*DO\b|\bLANGUAGE\b|\bTRIGGER\b', 'there may be no procedural language'),
    (r'\bTEMP(ORARY)?\b', 'temporary tables are an experiment'),
    (r'\bCURSOR\b|^\s*COPY\b', 'neither cursors nor COPY are the same'),
    (r'\bpg_postmaster_start_time\b|\bpg_control_', 'each server of many started at another time'),
    # A change of the schema commits by itself, so that it may be met half made.
    (r'^\s*CREATE (UNIQUE )?(TABLE|INDEX|SEQUENCE)(?! IF NOT EXISTS)', 'it must be repeatable'),
    (r'\bADD COLUMN(?! IF NOT EXISTS)', 'it must be repeatable'),
    (r'\bDROP (TABLE|INDEX|COLUMN)(?! IF EXISTS)', 'it must be repeatable'),
    (r'\bREAD COMMITTED\b', 'writers that take turns by a row must not see an older one'),
    (r'^\s*SET (?!LOCAL\b)(?!statement_timeout\b)', 'a pooler may give the session to others'),
]
_LACKS = {'CockroachDB': _BOTH, 'YugabyteDB': _BOTH}

# Functions that both document.
_FUNCTIONS = {
    'cast', 'coalesce', 'count', 'current_setting', 'exists', 'length', 'lower', 'max', 'min',
    'nextval', 'nullif', 'pg_backend_pid', 'position', 'replace', 'set_config', 'string_agg',
    'substr', 'sum', 'upper', 'version',
}
# What stands before a bracket and is no function.
_WORDS = {
    'and', 'as', 'by', 'conflict', 'distinct', 'exists', 'filter', 'from', 'in', 'into', 'key',
    'not', 'on', 'or', 'over', 'select', 'set', 'then', 'union', 'unique', 'update', 'values',
    'when', 'where', 'all', 'else', 'insert', 'is', 'case', 'returning',
}


def lacking(engine, statement):
    """Why the engine can't run the statement; None when nothing is known against it."""
    bare = re.sub(r"'[^']*'", "''", statement)
    for pattern, why in _LACKS[engine]:
        if re.search(pattern, bare, re.IGNORECASE):
            return why
    unknown = _functions_of(bare) - _FUNCTIONS
    return 'not documented by both: ' + ', '.join(sorted(unknown)) if unknown else None


def _functions_of(bare):
    # `INTO table (columns)`, `ON table (columns)` and `table (column TYPE)` are no calls.
    bare = re.sub(r'\b(INTO|ON|TABLE IF NOT EXISTS) \w+ \(', '. (', bare, flags=re.IGNORECASE)
    found = {name.lower() for name in re.findall(r'\b([A-Za-z_]+)\"?\s*\(', bare)}
    return found - _WORDS


def statements_in(log, application='baliprocess'):
    """The distinct statements that a server logged of an application, which log_line_prefix `%a|`
    names."""
    found = set()
    for entry in re.split(r'\n(?!\t)', log):
        match = re.match(r'{}\|LOG:  (?:execute [^:]*|statement): (.*)'.format(application), entry,
                         re.DOTALL)
        if match:
            found.add(re.sub(r'\s+', ' ', match[1]).strip())
    return found
