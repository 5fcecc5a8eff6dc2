-- People, projects, the ways in, the audit log, and background work.
-- Ids are UUID text, instants microseconds since 1970 UTC, documents JSON text.

-- One row once somebody has set up this installation: whoever inserts it first is the owner.
create table installation (
    id bigint not null primary key check (id = 1),
    set_up_at bigint not null
);

create table accounts (
    id text not null primary key,
    email text not null unique,
    name text not null,
    password_hash text not null,
    created_at bigint not null
);

create table projects (
    id text not null primary key,
    slug text not null unique,
    name text not null,
    created_at bigint not null
);

create table members (
    project_id text not null references projects (id) on delete cascade,
    account_id text not null references accounts (id) on delete cascade,
    role text not null check (role in ('viewer', 'reviewer', 'editor', 'owner')),
    joined_at bigint not null,
    primary key (project_id, account_id)
);

create index members_by_account on members (account_id);

-- One row per browser in which somebody is signed in. The key is a hash of what the cookie holds.
create table sign_ins (
    key text not null primary key,
    account_id text references accounts (id) on delete cascade,
    data text not null,
    created_at bigint not null,
    expires_at bigint not null
);

create index sign_ins_by_account on sign_ins (account_id);
create index sign_ins_by_expiry on sign_ins (expires_at);

create table invitations (
    id text not null primary key,
    project_id text not null references projects (id) on delete cascade,
    role text not null check (role in ('viewer', 'reviewer', 'editor', 'owner')),
    token_hash text not null unique,
    created_by text not null references accounts (id),
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    used_by text references accounts (id),
    withdrawn_at bigint
);

create index invitations_by_project on invitations (project_id, created_at);

create table api_keys (
    id text not null primary key,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    prefix text not null,
    secret_hash text not null unique,
    scopes text not null,
    created_by text not null references accounts (id),
    created_at bigint not null,
    last_used_at bigint,
    revoked_at bigint
);

create index api_keys_by_project on api_keys (project_id, created_at);

-- Outlives what it tells of, so it refers to nothing.
create table audit_log (
    id text not null primary key,
    project_id text,
    at bigint not null,
    actor_kind text not null check (actor_kind in ('person', 'program', 'system')),
    actor_id text,
    action text not null,
    target text not null,
    detail text not null
);

create index audit_log_by_project on audit_log (project_id, at);

-- Work that waits, runs or has failed; done work is deleted.
create table work (
    id text not null primary key,
    project_id text,
    kind text not null,
    key text not null,
    payload text not null,
    state text not null check (state in ('waiting', 'running', 'failed')),
    due_at bigint not null,
    lease_until bigint,
    -- Asked for again while it ran: due once more after this run.
    again_at bigint,
    -- Counts the claims: who holds an older number holds nothing.
    fence bigint not null,
    attempts bigint not null,
    last_error text,
    created_at bigint not null,
    unique (kind, key)
);

create index work_due on work (kind, state, due_at);
create index work_leases on work (kind, state, lease_until);
