-- A new database has it from 0002 already, which includes the projections as they are now.
CREATE TABLE IF NOT EXISTS projection.egress (
    id text PRIMARY KEY, version integer NOT NULL, state text NOT NULL
);

-- When each process last checked that nothing of it goes around the tunnel, and how long that is good for. Not
-- in the log: that time passed is not an event until it is found that a process has gone silent.
CREATE TABLE egress_heard (
    process  text        PRIMARY KEY,
    position text        NOT NULL,
    at       timestamptz NOT NULL,
    until    timestamptz NOT NULL
);
