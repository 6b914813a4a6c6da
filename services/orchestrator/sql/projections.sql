-- Everything here is a function of the log: `darkroom replay` makes it again and compares.
-- `state` is the aggregate's state in canonical JSON; the other columns are what queries look for.

CREATE TABLE session (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL
);

CREATE TABLE job (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL,
    session_id    text    NOT NULL,
    person_id     text    NOT NULL,
    status        text    NOT NULL,
    backend       text    NOT NULL, -- of the attempt under way or the last one
    failed_on     text[]  NOT NULL, -- backends on which an attempt failed
    queued_at     timestamptz NOT NULL, -- when it last came into the queue
    not_before    timestamptz,      -- not dispatched earlier than this
    changed_at    timestamptz NOT NULL,
    requested_at  bigint  NOT NULL, -- log position
    dispatched_at bigint,           -- log position of the last dispatch
    dispatched_before bigint,       -- log position of the dispatch before that
    message_ref   text,
    workflow      text    NOT NULL,
    render_s      double precision,
    is_due        boolean NOT NULL  -- its outcome has not been shown yet
);
CREATE INDEX job_of_session ON job (session_id, requested_at DESC);
CREATE INDEX job_of_message ON job (message_ref) WHERE message_ref IS NOT NULL;
CREATE INDEX job_open ON job (requested_at) WHERE status IN ('queued', 'dispatched', 'running', 'cancelling');
CREATE INDEX job_open_of_person ON job (person_id)
    WHERE status IN ('queued', 'dispatched', 'running', 'cancelling');
CREATE INDEX job_open_of_session ON job (session_id, requested_at DESC)
    WHERE status IN ('queued', 'dispatched', 'running', 'cancelling');
CREATE INDEX job_in_flight ON job (backend) WHERE status IN ('dispatched', 'running', 'cancelling');
CREATE INDEX job_queued ON job (requested_at) WHERE status = 'queued';
CREATE INDEX job_due ON job (requested_at) WHERE is_due;
CREATE INDEX job_served ON job (person_id, dispatched_at DESC) WHERE dispatched_at IS NOT NULL;
CREATE INDEX job_given ON job (requested_at DESC) WHERE dispatched_at IS NOT NULL;
CREATE INDEX job_warm ON job (backend, dispatched_at DESC) WHERE dispatched_at IS NOT NULL;
CREATE INDEX job_speed ON job (backend, workflow, dispatched_at DESC) WHERE render_s IS NOT NULL;

CREATE TABLE answer (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL,
    session_id text        NOT NULL,
    at         timestamptz NOT NULL,
    given_at   bigint      NOT NULL, -- log position
    is_due     boolean NOT NULL
);
CREATE INDEX answer_of_session ON answer (session_id, given_at DESC);
CREATE INDEX answer_due ON answer (given_at) WHERE is_due;

CREATE TABLE image (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL,
    session_id text   NOT NULL,
    made_at    bigint NOT NULL -- log position
);
CREATE INDEX image_of_session ON image (session_id, made_at DESC);

CREATE TABLE backend (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL
);

CREATE TABLE workflow (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL
);

CREATE TABLE command (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL
);

CREATE TABLE egress (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL
);
