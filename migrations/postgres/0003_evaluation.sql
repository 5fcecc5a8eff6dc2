-- Evaluators, rules and the ledger; rubrics, queues, tasks, claims and reviews; exports.

-- Where LLM judges are asked. The key is encrypted with the installation's secret.
create table providers (
    project_id text not null,
    provider_id text not null,
    name text not null,
    base_url text not null,
    model text not null,
    encrypted_key bytea,
    input_price double precision,
    output_price double precision,
    -- How many calls at once, and how long one may take.
    concurrency bigint not null,
    timeout_seconds bigint not null,
    created_at bigint not null,
    primary key (project_id, provider_id)
);

create table evaluators (
    project_id text not null,
    evaluator_id text not null,
    name text not null,
    version bigint not null,
    created_at bigint not null,
    archived_at bigint,
    primary key (project_id, evaluator_id)
);

create unique index evaluators_by_name on evaluators (project_id, name);

create table evaluator_versions (
    project_id text not null,
    evaluator_id text not null,
    version bigint not null,
    content_hash text not null,
    granularity text not null,
    -- JSON.
    method text not null,
    score_name text not null,
    threshold double precision not null,
    created_at bigint not null,
    primary key (project_id, evaluator_id, version)
);

create table rules (
    project_id text not null,
    rule_id text not null,
    name text not null,
    version bigint not null,
    enabled bigint not null,
    created_at bigint not null,
    archived_at bigint,
    primary key (project_id, rule_id)
);

create unique index rules_by_name on rules (project_id, name) where archived_at is null;

create table rule_versions (
    project_id text not null,
    rule_id text not null,
    version bigint not null,
    filter text not null,
    -- JSON.
    sampling text not null,
    evaluators text not null,
    routes text not null,
    audit text,
    created_at bigint not null,
    primary key (project_id, rule_id, version)
);

-- The ledger: one row per target, revision and evaluator version.
create table evaluations (
    project_id text not null,
    evaluation_id text not null,
    session_id text not null,
    turn_id text,
    revision bigint not null,
    -- Hash of what the evaluator sees; the same input is not judged again.
    input_hash text not null,
    evaluator_id text not null,
    evaluator_version text not null,
    -- `check` or `judge`.
    kind text not null,
    rule_id text,
    rule_version bigint,
    probability double precision,
    salt text,
    stratum text,
    state text not null,
    attempts bigint not null default 0,
    reason text,
    cost_usd double precision,
    latency_ms bigint,
    -- When a worker may take it: for the state `running`, when the lease of the one that has it lapses.
    due_at bigint not null,
    fence bigint not null default 0,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (project_id, evaluation_id)
);

create index evaluations_by_session on evaluations (project_id, session_id);
create index evaluations_due on evaluations (kind, project_id, due_at) where state in ('queued', 'running');
create index evaluations_by_state on evaluations (project_id, evaluator_id, state);

-- What a rule decided about one revision of a session, and whether its routes have been followed.
create table rule_decisions (
    project_id text not null,
    rule_id text not null,
    session_id text not null,
    rule_version bigint not null,
    revision bigint not null,
    sampled bigint not null,
    probability double precision not null,
    salt text not null,
    stratum text,
    -- When all evaluations had ended, and when the routes were then followed.
    ready_at bigint,
    routed_at bigint,
    created_at bigint not null,
    primary key (project_id, rule_id, session_id, revision)
);

create index rule_decisions_to_route on rule_decisions (ready_at) where ready_at is not null and routed_at is null;
create index rule_decisions_by_session on rule_decisions (project_id, session_id);
create index rule_decisions_by_time on rule_decisions (project_id, rule_id, created_at);

-- Rules being applied to sessions of the past: progress is written with what was decided, so that it goes on after a stop.
create table backfills (
    project_id text not null,
    backfill_id text not null,
    rule_id text not null,
    rule_version bigint not null,
    cap bigint not null,
    state text not null,
    total bigint,
    -- By which factor the cap lowers every rate.
    thinning double precision not null,
    -- The last session decided about, in the order of ids.
    place text not null,
    matched bigint not null,
    sampled bigint not null,
    capped bigint not null,
    evaluations bigint not null,
    reason text,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (project_id, backfill_id)
);

create index backfills_by_rule on backfills (project_id, rule_id, created_at);
create unique index backfills_running on backfills (project_id, rule_id) where state = 'running';

create table rubrics (
    project_id text not null,
    rubric_id text not null,
    name text not null,
    version bigint not null,
    created_at bigint not null,
    primary key (project_id, rubric_id)
);

create table rubric_versions (
    project_id text not null,
    rubric_id text not null,
    version bigint not null,
    -- JSON.
    questions text not null,
    created_at bigint not null,
    primary key (project_id, rubric_id, version)
);

create table queues (
    project_id text not null,
    queue_id text not null,
    name text not null,
    instructions text not null,
    rubric_id text not null,
    overlap bigint not null,
    task_order text not null,
    blind bigint not null,
    lease_seconds bigint not null,
    created_at bigint not null,
    archived_at bigint,
    primary key (project_id, queue_id)
);

create unique index queues_by_name on queues (project_id, name);

create table tasks (
    project_id text not null,
    task_id text not null,
    queue_id text not null,
    session_id text not null,
    turn_id text,
    revision bigint not null,
    arm text not null,
    rule_id text,
    rule_version bigint,
    probability double precision,
    note text,
    state text not null,
    -- What the queue's order sorts by, least first.
    uncertainty double precision not null,
    turn_count bigint not null,
    review_count bigint not null default 0,
    fence bigint not null default 0,
    created_at bigint not null,
    primary key (project_id, task_id)
);

create index tasks_by_queue on tasks (project_id, queue_id, state, created_at);
create index tasks_by_session on tasks (project_id, session_id);
create index tasks_by_rule on tasks (project_id, rule_id, created_at) where rule_id is not null;

create table claims (
    project_id text not null,
    claim_id text not null,
    queue_id text not null,
    task_id text not null,
    reviewer text not null,
    fence bigint not null,
    expires_at bigint not null,
    created_at bigint not null,
    primary key (project_id, claim_id)
);

create unique index claims_by_task on claims (project_id, task_id, reviewer);
create index claims_by_queue on claims (project_id, queue_id, expires_at);

-- Answers not yet submitted: kept when a claim lapses, so that nobody's work is lost.
create table drafts (
    project_id text not null,
    task_id text not null,
    reviewer text not null,
    answers text not null,
    updated_at bigint not null,
    primary key (project_id, task_id, reviewer)
);

create table skips (
    project_id text not null,
    task_id text not null,
    reviewer text not null,
    created_at bigint not null,
    primary key (project_id, task_id, reviewer)
);

create table reviews (
    project_id text not null,
    review_id text not null,
    queue_id text not null,
    task_id text not null,
    reviewer text not null,
    answers text not null,
    rubric_id text not null,
    rubric_version bigint not null,
    exposure text not null,
    active_ms bigint,
    created_at bigint not null,
    primary key (project_id, review_id)
);

create unique index reviews_by_task on reviews (project_id, task_id, reviewer);
create index reviews_by_queue on reviews (project_id, queue_id, created_at);

create table exports (
    project_id text not null,
    export_id text not null,
    kind text not null,
    format text not null,
    filter text not null,
    -- queued, running, done, failed, cancelled.
    state text not null,
    -- Which attempt at it is the present one; one with another number stops.
    fence bigint not null default 0,
    sessions_total bigint,
    sessions_done bigint not null default 0,
    rows_written bigint not null default 0,
    bytes_written bigint not null default 0,
    started_at bigint,
    -- JSON manifest, when it is done.
    manifest text,
    reason text,
    requested_by text not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (project_id, export_id)
);

-- Filters, orders and columns of the sessions list under a name.
create table saved_views (
    project_id text not null,
    view_id text not null,
    -- Whose it is; empty for those that the whole project shares.
    owner text not null,
    name text not null,
    filter text not null,
    sort text not null,
    ascending bigint not null,
    -- Words with commas between; empty for the usual ones.
    columns text not null,
    created_at bigint not null,
    primary key (project_id, view_id)
);

create unique index saved_views_by_name on saved_views (project_id, owner, name);
create index exports_by_age on exports (created_at);

-- The files of exports, in pieces of about a megabyte: every process that shares the database can write and serve them.
create table export_pieces (
    project_id text not null,
    export_id text not null,
    fence bigint not null,
    position bigint not null,
    -- zstd-compressed.
    body bytea not null,
    primary key (project_id, export_id, fence, position)
);
