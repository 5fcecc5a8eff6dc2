-- Lists filter by these. A score is found by its session and what is asked of it in one step.
drop index scores_by_session;
create index scores_by_session on scores (project_id, session_id, name, stale, number);
create index scores_by_outcome on scores (project_id, name, passed, session_id) where stale = 0;
create index sessions_by_user on sessions (project_id, user_id, last_activity_at, session_id);
create index sessions_with_errors on sessions (project_id, error_count, session_id) where error_count > 0;

-- The draft of an answer that was given once and taken back: by then the reviewer may have seen verdicts.
alter table drafts add column revises bigint not null default 0;
