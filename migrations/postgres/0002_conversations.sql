-- Conversations: what clients send (traces, spans, messages) and what is derived from it (sessions, turns, scores).
-- Every table leads its primary key with project_id, so that it can be sharded by it.

create table project_settings (
    project_id text not null primary key,
    -- A session closes after so long without anything new, and when it is so old.
    idle_seconds bigint not null,
    max_age_seconds bigint not null,
    -- `hashed` or `plain`: how users' ids are stored.
    user_ids text not null,
    -- The key that they are hashed with, 32 bytes.
    user_key bytea not null
);

create table traces (
    project_id text not null,
    trace_id text not null,
    -- The session of the trace's spans; derived from session_key, or from the trace itself where none was told.
    session_id text not null,
    -- The client's session id, once any span of the trace told it.
    session_key text,
    -- How good the attribute was that told it, 0 the best, and the start of the span that did, in nanoseconds:
    -- where spans disagree the best one decides, then the earliest, then the lesser text.
    session_key_rank bigint,
    session_key_at bigint,
    primary key (project_id, trace_id)
);

create index traces_by_session on traces (project_id, session_id);

create table spans (
    project_id text not null,
    trace_id text not null,
    span_id text not null,
    parent_span_id text,
    name text not null,
    kind text not null,
    -- Nanoseconds since 1970.
    started_at bigint not null,
    ended_at bigint,
    status text not null,
    model text,
    input_tokens bigint,
    output_tokens bigint,
    cost_usd double precision,
    -- The whole record as zstd-compressed JSON; its messages are hashes into `messages`.
    body bytea not null,
    -- Hash of the record, so that a replay is recognised and of two versions the same one wins in any order.
    content_hash text not null,
    -- Microseconds since 1970.
    received_at bigint not null,
    primary key (project_id, trace_id, span_id)
);

create table messages (
    project_id text not null,
    -- blake3 of the message's canonical JSON, 16 bytes.
    hash bytea not null,
    -- zstd-compressed JSON.
    body bytea not null,
    primary key (project_id, hash)
);

-- Sessions that changed and have not been derived again: the row is written with what changed, and goes only when
-- the session was derived from everything up to its generation.
create table session_changes (
    project_id text not null,
    session_id text not null,
    external_id text not null,
    -- Grows with every change; it begins at the microsecond of the first one, so that it never repeats.
    generation bigint not null,
    due_at bigint not null,
    lease_until bigint,
    fence bigint not null default 0,
    attempts bigint not null default 0,
    last_error text,
    primary key (project_id, session_id)
);

create index session_changes_due on session_changes (due_at);

create table sessions (
    project_id text not null,
    session_id text not null,
    external_id text not null,
    user_id text,
    status text not null,
    end_reason text,
    -- `client`, `idle` or `age`.
    ended_by text,
    revision bigint not null,
    environment text,
    release text,
    preview text,
    started_at bigint not null,
    last_activity_at bigint not null,
    closed_at bigint,
    turn_count bigint not null,
    span_count bigint not null,
    tool_call_count bigint not null,
    error_count bigint not null,
    input_tokens bigint,
    output_tokens bigint,
    cost_usd double precision,
    latency_ms bigint,
    duration_ms bigint not null,
    model text,
    -- JSON: an array of texts, an object, an array of texts.
    tags text not null,
    metadata text not null,
    warnings text not null,
    -- Hash of what evaluators see; a change of it in a closed session makes a new revision.
    content_hash text not null,
    -- When its newest span was received, in microseconds.
    received_at bigint not null,
    -- When an open session closes unless something comes, and what will then be `ended_by` and `end_reason`.
    closes_at bigint,
    closes_by text,
    closes_reason text,
    -- The revision that rules have looked at; less than `revision` means that they are due.
    ruled_revision bigint not null default 0,
    primary key (project_id, session_id)
);

create unique index sessions_by_external_id on sessions (project_id, external_id);
create index sessions_by_activity on sessions (project_id, last_activity_at, session_id);
create index sessions_to_close on sessions (closes_at) where status = 'open';
create index sessions_by_closing on sessions (project_id, closed_at) where closed_at is not null;
create index sessions_to_rule on sessions (closed_at) where status = 'closed' and ruled_revision < revision;

create table session_attributes (
    project_id text not null,
    session_id text not null,
    key text not null,
    text text not null,
    number double precision,
    primary key (project_id, session_id, key, text)
);

create index session_attributes_by_text on session_attributes (project_id, key, text, session_id);
create index session_attributes_by_number on session_attributes (project_id, key, number, session_id) where number is not null;


create table session_search (
    project_id text not null,
    session_id text not null,
    -- Hash of its text, so that the same is not indexed again.
    text_hash text not null,
    tsv tsvector not null,
    primary key (project_id, session_id)
);

create index session_search_words on session_search using gin (tsv);

create table turns (
    project_id text not null,
    session_id text not null,
    turn_id text not null,
    position bigint not null,
    trace_id text,
    started_at bigint not null,
    latency_ms bigint,
    error_count bigint not null,
    tool_call_count bigint not null,
    input_tokens bigint,
    output_tokens bigint,
    cost_usd double precision,
    -- The whole turn as zstd-compressed JSON.
    body bytea not null,
    -- The ids of its spans, compressed.
    spans bytea not null,
    content_hash text not null,
    primary key (project_id, session_id, turn_id)
);

create index turns_by_position on turns (project_id, session_id, position);

create table scores (
    project_id text not null,
    score_id text not null,
    session_id text not null,
    turn_id text,
    span_id text,
    name text not null,
    source text not null,
    -- The value as JSON, and its number and label for filters.
    value text not null,
    number double precision,
    label text,
    passed bigint,
    evaluator_id text,
    evaluator_version text,
    author text,
    rubric_version bigint,
    exposure text,
    active_ms bigint,
    explanation text,
    evidence text not null,
    revision bigint not null,
    stale bigint not null default 0,
    -- It came on a span and is derived again with its session.
    from_telemetry bigint not null default 0,
    created_at bigint not null,
    primary key (project_id, score_id)
);

create index scores_by_session on scores (project_id, session_id, name);
create index scores_by_name on scores (project_id, name, stale, number);
