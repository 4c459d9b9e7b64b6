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
CREATE TABLE IF NOT EXISTS meetings (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  ordinal BIGINT NOT NULL DEFAULT 0,
  display_name TEXT NOT NULL DEFAULT '',
  start_date_first BIGINT,
  start_date_last BIGINT,
  end_date_first BIGINT,
  end_date_last BIGINT,
  venue_city TEXT NOT NULL DEFAULT '',
  venue_region_code TEXT NOT NULL DEFAULT '',
  format BIGINT NOT NULL DEFAULT 0,
  colocated_with TEXT NOT NULL DEFAULT '',
  review_period_start_date_first BIGINT,
  review_period_start_date_last BIGINT,
  review_period_end_date_first BIGINT,
  review_period_end_date_last BIGINT,
  state BIGINT NOT NULL DEFAULT 0,
  confidential BOOLEAN NOT NULL DEFAULT TRUE,
  consulted_members TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS meetings_body ON meetings (body, name);
CREATE INDEX IF NOT EXISTS meetings_layout ON meetings (layout, name);
CREATE TABLE IF NOT EXISTS agenda_items (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  display_name TEXT NOT NULL DEFAULT '',
  kind BIGINT NOT NULL DEFAULT 0,
  parent_item TEXT NOT NULL DEFAULT '',
  position BIGINT NOT NULL DEFAULT 0,
  topics TEXT NOT NULL DEFAULT '',
  strategy_areas TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS agenda_items_parent_item ON agenda_items (parent_item, name);
CREATE INDEX IF NOT EXISTS agenda_items_layout ON agenda_items (layout, name);
CREATE INDEX IF NOT EXISTS agenda_items_parent ON agenda_items (parent, name);
CREATE TABLE IF NOT EXISTS delegations (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  participant_member TEXT NOT NULL DEFAULT '',
  participant_body TEXT NOT NULL DEFAULT '',
  participant_official TEXT NOT NULL DEFAULT '',
  participant_external_forum TEXT NOT NULL DEFAULT '',
  participant_display_name TEXT NOT NULL DEFAULT '',
  capacity BIGINT NOT NULL DEFAULT 0,
  credentials BIGINT NOT NULL DEFAULT 0,
  attendance BIGINT NOT NULL DEFAULT 0,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS delegations_participant_member ON delegations (participant_member, name);
CREATE INDEX IF NOT EXISTS delegations_participant_body ON delegations (participant_body, name);
CREATE INDEX IF NOT EXISTS delegations_participant_official ON delegations (participant_official, name);
CREATE INDEX IF NOT EXISTS delegations_participant_external_forum ON delegations (participant_external_forum, name);
CREATE INDEX IF NOT EXISTS delegations_layout ON delegations (layout, name);
CREATE INDEX IF NOT EXISTS delegations_parent ON delegations (parent, name);
CREATE TABLE IF NOT EXISTS delegates (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  person_member TEXT NOT NULL DEFAULT '',
  person_body TEXT NOT NULL DEFAULT '',
  person_official TEXT NOT NULL DEFAULT '',
  person_external_forum TEXT NOT NULL DEFAULT '',
  person_display_name TEXT NOT NULL DEFAULT '',
  member TEXT NOT NULL DEFAULT '',
  role BIGINT NOT NULL DEFAULT 0,
  presence BIGINT NOT NULL DEFAULT 0,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS delegates_person_member ON delegates (person_member, name);
CREATE INDEX IF NOT EXISTS delegates_person_body ON delegates (person_body, name);
CREATE INDEX IF NOT EXISTS delegates_person_official ON delegates (person_official, name);
CREATE INDEX IF NOT EXISTS delegates_person_external_forum ON delegates (person_external_forum, name);
CREATE INDEX IF NOT EXISTS delegates_member ON delegates (member, name);
CREATE INDEX IF NOT EXISTS delegates_layout ON delegates (layout, name);
CREATE INDEX IF NOT EXISTS delegates_parent ON delegates (parent, name);
CREATE TABLE IF NOT EXISTS statements (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  speaker_member TEXT NOT NULL DEFAULT '',
  speaker_body TEXT NOT NULL DEFAULT '',
  speaker_official TEXT NOT NULL DEFAULT '',
  speaker_external_forum TEXT NOT NULL DEFAULT '',
  speaker_display_name TEXT NOT NULL DEFAULT '',
  on_behalf_of_member TEXT NOT NULL DEFAULT '',
  on_behalf_of_body TEXT NOT NULL DEFAULT '',
  on_behalf_of_official TEXT NOT NULL DEFAULT '',
  on_behalf_of_external_forum TEXT NOT NULL DEFAULT '',
  on_behalf_of_display_name TEXT NOT NULL DEFAULT '',
  agenda_item TEXT NOT NULL DEFAULT '',
  topic TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS statements_speaker_member ON statements (speaker_member, name);
CREATE INDEX IF NOT EXISTS statements_speaker_body ON statements (speaker_body, name);
CREATE INDEX IF NOT EXISTS statements_speaker_official ON statements (speaker_official, name);
CREATE INDEX IF NOT EXISTS statements_speaker_external_forum ON statements (speaker_external_forum, name);
CREATE INDEX IF NOT EXISTS statements_on_behalf_of_member ON statements (on_behalf_of_member, name);
CREATE INDEX IF NOT EXISTS statements_on_behalf_of_body ON statements (on_behalf_of_body, name);
CREATE INDEX IF NOT EXISTS statements_on_behalf_of_official ON statements (on_behalf_of_official, name);
CREATE INDEX IF NOT EXISTS statements_on_behalf_of_external_forum ON statements (on_behalf_of_external_forum, name);
CREATE INDEX IF NOT EXISTS statements_agenda_item ON statements (agenda_item, name);
CREATE INDEX IF NOT EXISTS statements_layout ON statements (layout, name);
CREATE INDEX IF NOT EXISTS statements_parent ON statements (parent, name);
CREATE TABLE IF NOT EXISTS decisions (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  meeting TEXT NOT NULL DEFAULT '-',
  agenda_item TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  procedure BIGINT NOT NULL DEFAULT 0,
  kind BIGINT NOT NULL DEFAULT 0,
  follows TEXT NOT NULL DEFAULT '',
  state BIGINT NOT NULL DEFAULT 0,
  number BIGINT NOT NULL DEFAULT 0,
  adopt_date_first BIGINT,
  adopt_date_last BIGINT,
  silence_open_time BIGINT,
  silence_end_time BIGINT,
  eligible_members TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS decisions_body ON decisions (body, name);
CREATE INDEX IF NOT EXISTS decisions_meeting ON decisions (meeting, name);
CREATE INDEX IF NOT EXISTS decisions_agenda_item ON decisions (agenda_item, name);
CREATE INDEX IF NOT EXISTS decisions_follows ON decisions (follows, name);
CREATE INDEX IF NOT EXISTS decisions_due ON decisions (silence_end_time) WHERE state = 2;
CREATE INDEX IF NOT EXISTS decisions_layout ON decisions (layout, name);
CREATE TABLE IF NOT EXISTS action_items (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  meeting TEXT NOT NULL DEFAULT '-',
  decision TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  lead_member TEXT NOT NULL DEFAULT '',
  lead_body TEXT NOT NULL DEFAULT '',
  supporting_members TEXT NOT NULL DEFAULT '',
  due_date_first BIGINT,
  due_date_last BIGINT,
  state BIGINT NOT NULL DEFAULT 0,
  close_date_first BIGINT,
  close_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS action_items_body ON action_items (body, name);
CREATE INDEX IF NOT EXISTS action_items_meeting ON action_items (meeting, name);
CREATE INDEX IF NOT EXISTS action_items_decision ON action_items (decision, name);
CREATE INDEX IF NOT EXISTS action_items_lead_member ON action_items (lead_member, name);
CREATE INDEX IF NOT EXISTS action_items_lead_body ON action_items (lead_body, name);
CREATE INDEX IF NOT EXISTS action_items_layout ON action_items (layout, name);
CREATE TABLE IF NOT EXISTS documents (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  display_name TEXT NOT NULL DEFAULT '',
  kind BIGINT NOT NULL DEFAULT 0,
  language_code TEXT NOT NULL DEFAULT '',
  agenda_item TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_agenda_item ON documents (agenda_item, name);
CREATE INDEX IF NOT EXISTS documents_layout ON documents (layout, name);
CREATE INDEX IF NOT EXISTS documents_parent ON documents (parent, name);
CREATE TABLE IF NOT EXISTS calendar_links (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  member TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  creator TEXT NOT NULL DEFAULT '',
  secret_sha256 TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS calendar_links_member ON calendar_links (member, name);
CREATE INDEX IF NOT EXISTS calendar_links_secret_sha256 ON calendar_links (secret_sha256, name);
CREATE INDEX IF NOT EXISTS calendar_links_secret_sha256_order ON calendar_links ((SUBSTR(secret_sha256, 1, 100)), name);
CREATE INDEX IF NOT EXISTS calendar_links_layout ON calendar_links (layout, name);
CREATE TABLE IF NOT EXISTS document_uploads (
  document TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  received_bytes BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  PRIMARY KEY (document, sha256)
);
CREATE INDEX IF NOT EXISTS document_uploads_time ON document_uploads (update_time);
CREATE TABLE IF NOT EXISTS document_chunks (
  document TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  position BIGINT NOT NULL,
  size BIGINT NOT NULL,
  data BYTEA NOT NULL,
  PRIMARY KEY (document, sha256, position)
);
