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
CREATE TABLE IF NOT EXISTS strategies (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  short_name TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  adopting_meeting TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS strategies_body ON strategies (body, name);
CREATE INDEX IF NOT EXISTS strategies_adopting_meeting ON strategies (adopting_meeting, name);
CREATE INDEX IF NOT EXISTS strategies_layout ON strategies (layout, name);
CREATE TABLE IF NOT EXISTS strategy_areas (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  display_name TEXT NOT NULL DEFAULT '',
  position BIGINT NOT NULL DEFAULT 0,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS strategy_areas_layout ON strategy_areas (layout, name);
CREATE INDEX IF NOT EXISTS strategy_areas_parent ON strategy_areas (parent, name);
CREATE TABLE IF NOT EXISTS work_plans (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  state BIGINT NOT NULL DEFAULT 0,
  strategies TEXT NOT NULL DEFAULT '',
  presenting_meetings TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS work_plans_body ON work_plans (body, name);
CREATE INDEX IF NOT EXISTS work_plans_layout ON work_plans (layout, name);
CREATE TABLE IF NOT EXISTS work_plan_items (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  display_name TEXT NOT NULL DEFAULT '',
  position BIGINT NOT NULL DEFAULT 0,
  state BIGINT NOT NULL DEFAULT 0,
  lead_members TEXT NOT NULL DEFAULT '',
  lead_bodies TEXT NOT NULL DEFAULT '',
  due_date_first BIGINT,
  due_date_last BIGINT,
  areas TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS work_plan_items_layout ON work_plan_items (layout, name);
CREATE INDEX IF NOT EXISTS work_plan_items_parent ON work_plan_items (parent, name);
CREATE TABLE IF NOT EXISTS progress_reports (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  report_date_first BIGINT,
  report_date_last BIGINT,
  period_start_date_first BIGINT,
  period_start_date_last BIGINT,
  period_end_date_first BIGINT,
  period_end_date_last BIGINT,
  meeting TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS progress_reports_meeting ON progress_reports (meeting, name);
CREATE INDEX IF NOT EXISTS progress_reports_layout ON progress_reports (layout, name);
CREATE INDEX IF NOT EXISTS progress_reports_parent ON progress_reports (parent, name);
CREATE TABLE IF NOT EXISTS priorities (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  setting_meetings TEXT NOT NULL DEFAULT '',
  target_meeting TEXT NOT NULL DEFAULT '',
  areas TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS priorities_body ON priorities (body, name);
CREATE INDEX IF NOT EXISTS priorities_target_meeting ON priorities (target_meeting, name);
CREATE INDEX IF NOT EXISTS priorities_layout ON priorities (layout, name);
CREATE TABLE IF NOT EXISTS programmes (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  areas TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS programmes_body ON programmes (body, name);
CREATE INDEX IF NOT EXISTS programmes_layout ON programmes (layout, name);
CREATE TABLE IF NOT EXISTS activities (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  kind BIGINT NOT NULL DEFAULT 0,
  display_name TEXT NOT NULL DEFAULT '',
  start_date_first BIGINT,
  start_date_last BIGINT,
  end_date_first BIGINT,
  end_date_last BIGINT,
  state BIGINT NOT NULL DEFAULT 0,
  format BIGINT NOT NULL DEFAULT 0,
  venue_city TEXT NOT NULL DEFAULT '',
  venue_region_code TEXT NOT NULL DEFAULT '',
  areas TEXT NOT NULL DEFAULT '',
  programme TEXT NOT NULL DEFAULT '',
  work_plan_item TEXT NOT NULL DEFAULT '',
  meeting TEXT NOT NULL DEFAULT '',
  topics TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS activities_body ON activities (body, name);
CREATE INDEX IF NOT EXISTS activities_start_date ON activities (start_date_first, name);
CREATE INDEX IF NOT EXISTS activities_start_date_order ON activities ((COALESCE(start_date_first, 0)), name);
CREATE INDEX IF NOT EXISTS activities_programme ON activities (programme, name);
CREATE INDEX IF NOT EXISTS activities_work_plan_item ON activities (work_plan_item, name);
CREATE INDEX IF NOT EXISTS activities_meeting ON activities (meeting, name);
CREATE INDEX IF NOT EXISTS activities_layout ON activities (layout, name);
CREATE TABLE IF NOT EXISTS practitioners (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  member TEXT NOT NULL DEFAULT '',
  agency TEXT NOT NULL DEFAULT '',
  merged_into TEXT NOT NULL DEFAULT '',
  survivor TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS practitioners_member ON practitioners (member, name);
CREATE INDEX IF NOT EXISTS practitioners_merged_into ON practitioners (merged_into, name);
CREATE INDEX IF NOT EXISTS practitioners_survivor ON practitioners (survivor, name);
CREATE INDEX IF NOT EXISTS practitioners_layout ON practitioners (layout, name);
CREATE TABLE IF NOT EXISTS participations (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  practitioner TEXT NOT NULL DEFAULT '',
  role BIGINT NOT NULL DEFAULT 0,
  attendance BIGINT NOT NULL DEFAULT 0,
  member TEXT NOT NULL DEFAULT '',
  from_state BOOLEAN NOT NULL DEFAULT FALSE,
  agency TEXT NOT NULL DEFAULT '',
  course_completed BOOLEAN NOT NULL DEFAULT FALSE,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS participations_practitioner ON participations (practitioner, name);
CREATE INDEX IF NOT EXISTS participations_member ON participations (member, name);
CREATE INDEX IF NOT EXISTS participations_layout ON participations (layout, name);
CREATE INDEX IF NOT EXISTS participations_parent ON participations (parent, name);
CREATE INDEX IF NOT EXISTS participations_trained ON participations (parent, role, attendance, member, from_state, practitioner, agency, delete_time);
CREATE TABLE IF NOT EXISTS publications (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  kind BIGINT NOT NULL DEFAULT 0,
  display_name TEXT NOT NULL DEFAULT '',
  publish_date_first BIGINT,
  publish_date_last BIGINT,
  language_code TEXT NOT NULL DEFAULT '',
  areas TEXT NOT NULL DEFAULT '',
  programme TEXT NOT NULL DEFAULT '',
  activity TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS publications_body ON publications (body, name);
CREATE INDEX IF NOT EXISTS publications_publish_date ON publications (publish_date_first, name);
CREATE INDEX IF NOT EXISTS publications_publish_date_order ON publications ((COALESCE(publish_date_first, 0)), name);
CREATE INDEX IF NOT EXISTS publications_programme ON publications (programme, name);
CREATE INDEX IF NOT EXISTS publications_activity ON publications (activity, name);
CREATE INDEX IF NOT EXISTS publications_layout ON publications (layout, name);
CREATE TABLE IF NOT EXISTS secondments (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  programme TEXT NOT NULL DEFAULT '',
  practitioner TEXT NOT NULL DEFAULT '',
  host_body TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS secondments_programme ON secondments (programme, name);
CREATE INDEX IF NOT EXISTS secondments_practitioner ON secondments (practitioner, name);
CREATE INDEX IF NOT EXISTS secondments_host_body ON secondments (host_body, name);
CREATE INDEX IF NOT EXISTS secondments_layout ON secondments (layout, name);
CREATE TABLE IF NOT EXISTS commitments (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  funder_member TEXT NOT NULL DEFAULT '',
  funder_body TEXT NOT NULL DEFAULT '',
  funder_official TEXT NOT NULL DEFAULT '',
  funder_external_forum TEXT NOT NULL DEFAULT '',
  funder_display_name TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  kind BIGINT NOT NULL DEFAULT 0,
  commit_date_first BIGINT,
  commit_date_last BIGINT,
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS commitments_funder_member ON commitments (funder_member, name);
CREATE INDEX IF NOT EXISTS commitments_funder_body ON commitments (funder_body, name);
CREATE INDEX IF NOT EXISTS commitments_funder_official ON commitments (funder_official, name);
CREATE INDEX IF NOT EXISTS commitments_funder_external_forum ON commitments (funder_external_forum, name);
CREATE INDEX IF NOT EXISTS commitments_body ON commitments (body, name);
CREATE INDEX IF NOT EXISTS commitments_layout ON commitments (layout, name);
CREATE TABLE IF NOT EXISTS disbursements (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  disburse_date_first BIGINT,
  disburse_date_last BIGINT,
  book_reference TEXT NOT NULL DEFAULT '',
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS disbursements_layout ON disbursements (layout, name);
CREATE INDEX IF NOT EXISTS disbursements_parent ON disbursements (parent, name);
CREATE TABLE IF NOT EXISTS partnerships (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  operation TEXT NOT NULL DEFAULT '',
  kind BIGINT NOT NULL DEFAULT 0,
  parties TEXT NOT NULL DEFAULT '',
  term_start_date_first BIGINT,
  term_start_date_last BIGINT,
  term_end_date_first BIGINT,
  term_end_date_last BIGINT,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS partnerships_operation ON partnerships (operation, name);
CREATE INDEX IF NOT EXISTS partnerships_layout ON partnerships (layout, name);
CREATE TABLE IF NOT EXISTS reported_figures (
  name TEXT PRIMARY KEY,
  create_time BIGINT,
  update_time BIGINT,
  delete_time BIGINT,
  visibility BIGINT NOT NULL DEFAULT 3,
  body TEXT NOT NULL DEFAULT '',
  period_start_date_first BIGINT,
  period_start_date_last BIGINT,
  period_end_date_first BIGINT,
  period_end_date_last BIGINT,
  measure BIGINT NOT NULL DEFAULT 0,
  value BIGINT NOT NULL DEFAULT 0,
  parent TEXT NOT NULL DEFAULT '',
  layout BIGINT NOT NULL DEFAULT 0,
  message BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS reported_figures_body ON reported_figures (body, name);
CREATE INDEX IF NOT EXISTS reported_figures_layout ON reported_figures (layout, name);
CREATE TABLE IF NOT EXISTS identity_hashes (
  hash TEXT NOT NULL,
  practitioner TEXT NOT NULL,
  person TEXT NOT NULL,
  shared BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (hash, practitioner)
);
CREATE INDEX IF NOT EXISTS identity_hashes_practitioner ON identity_hashes (practitioner);
CREATE INDEX IF NOT EXISTS identity_hashes_shared ON identity_hashes (shared, person, hash);
