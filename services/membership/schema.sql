CREATE TABLE IF NOT EXISTS schema_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  PRIMARY KEY (table_name, column_name)
);
CREATE TABLE IF NOT EXISTS engine_state (
  key TEXT PRIMARY KEY,
  value BYTEA NOT NULL
);
CREATE TABLE IF NOT EXISTS resource_references (
  referrer TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (referrer, target)
);
CREATE INDEX IF NOT EXISTS resource_references_target ON resource_references (target);
CREATE TABLE IF NOT EXISTS changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  epoch BIGINT NOT NULL,
  change_time BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  type TEXT NOT NULL,
  resource TEXT NOT NULL,
  actor TEXT NOT NULL,
  method TEXT NOT NULL,
  before_body BYTEA,
  after_body BYTEA,
  reason TEXT NOT NULL DEFAULT '',
  surroundings BIGINT NOT NULL DEFAULT 3
);
CREATE INDEX IF NOT EXISTS changes_position ON changes (epoch, seq);
CREATE INDEX IF NOT EXISTS changes_resource ON changes (resource);
CREATE INDEX IF NOT EXISTS changes_time ON changes (change_time);
CREATE TABLE IF NOT EXISTS histories (
  epoch BIGINT PRIMARY KEY,
  server TEXT NOT NULL,
  after_epoch BIGINT NOT NULL,
  after_seq BIGINT NOT NULL,
  founding BOOLEAN NOT NULL
);
CREATE TABLE IF NOT EXISTS erasures (
  number BIGINT PRIMARY KEY,
  begin_time BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS replays (
  caller TEXT NOT NULL,
  request_id TEXT NOT NULL,
  method TEXT NOT NULL,
  request_hash BYTEA NOT NULL,
  reply BYTEA NOT NULL,
  reply_time BIGINT NOT NULL,
  resource TEXT NOT NULL DEFAULT '',
  erasing BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (caller, request_id)
);
CREATE INDEX IF NOT EXISTS replays_time ON replays (reply_time);
CREATE INDEX IF NOT EXISTS replays_erasing ON replays (erasing) WHERE erasing > 0;
CREATE INDEX IF NOT EXISTS replays_resource ON replays (resource, caller, request_id);
CREATE TABLE IF NOT EXISTS search_records (
  record INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  digest BYTEA NOT NULL,
  UNIQUE (name)
);
CREATE TABLE IF NOT EXISTS search_words (
  record BIGINT NOT NULL,
  word TEXT NOT NULL,
  level BIGINT NOT NULL,
  weight BIGINT NOT NULL,
  PRIMARY KEY (record, word, level)
);
CREATE INDEX IF NOT EXISTS search_words_word ON search_words (word, weight DESC, record DESC, level);
CREATE TABLE IF NOT EXISTS members (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  kind BIGINT NOT NULL DEFAULT 0,
  category BIGINT NOT NULL DEFAULT 0,
  display_name TEXT NOT NULL DEFAULT '',
  formal_name TEXT NOT NULL DEFAULT '',
  short_name TEXT NOT NULL DEFAULT '',
  region_code TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS members_layout ON members (layout, name);
CREATE TABLE IF NOT EXISTS bodies (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  kind BIGINT NOT NULL DEFAULT 0,
  display_name TEXT NOT NULL DEFAULT '',
  short_name TEXT NOT NULL DEFAULT '',
  parent_body TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS bodies_parent_body ON bodies (parent_body, name);
CREATE INDEX IF NOT EXISTS bodies_layout ON bodies (layout, name);
CREATE TABLE IF NOT EXISTS seats (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  member TEXT NOT NULL DEFAULT '',
  role BIGINT NOT NULL DEFAULT 0,
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS seats_member ON seats (member, name);
CREATE INDEX IF NOT EXISTS seats_layout ON seats (layout, name);
CREATE INDEX IF NOT EXISTS seats_parent ON seats (parent, name);
CREATE TABLE IF NOT EXISTS officials (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  display_name TEXT NOT NULL DEFAULT '',
  family_name TEXT NOT NULL DEFAULT '',
  member TEXT NOT NULL DEFAULT '',
  erase_time BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS officials_member ON officials (member, name);
CREATE INDEX IF NOT EXISTS officials_layout ON officials (layout, name);
CREATE TABLE IF NOT EXISTS appointments (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  post BIGINT NOT NULL DEFAULT 0,
  body TEXT NOT NULL DEFAULT '',
  on_behalf_of TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS appointments_body ON appointments (body, name);
CREATE INDEX IF NOT EXISTS appointments_on_behalf_of ON appointments (on_behalf_of, name);
CREATE INDEX IF NOT EXISTS appointments_layout ON appointments (layout, name);
CREATE INDEX IF NOT EXISTS appointments_parent ON appointments (parent, name);
CREATE TABLE IF NOT EXISTS external_forums (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  display_name TEXT NOT NULL DEFAULT '',
  short_name TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS external_forums_layout ON external_forums (layout, name);
CREATE TABLE IF NOT EXISTS liaisons (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  external_forum TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS liaisons_external_forum ON liaisons (external_forum, name);
CREATE INDEX IF NOT EXISTS liaisons_layout ON liaisons (layout, name);
CREATE INDEX IF NOT EXISTS liaisons_parent ON liaisons (parent, name);
