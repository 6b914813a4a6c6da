-- The event log, and what has to commit together with it.

CREATE TABLE event_log (
    position bigint      NOT NULL CONSTRAINT event_log_position PRIMARY KEY,
    stream   text        NOT NULL,
    version  integer     NOT NULL,
    event_id uuid        NOT NULL CONSTRAINT event_log_event_id UNIQUE,
    cause    uuid        NOT NULL,
    type     text        NOT NULL,
    at       timestamptz NOT NULL,
    data     bytea       NOT NULL, -- canonical JSON, as schemas.codec wrote it
    hash     bytea       NOT NULL, -- SHA-256 over the hash before and event_canonical(...)
    CONSTRAINT event_log_stream_version UNIQUE (stream, version)
);

-- What the hash is taken over. Lengths stand before texts, so no two events have the same bytes.
CREATE FUNCTION event_canonical(
    p_position bigint, p_stream text, p_version integer, p_event_id uuid, p_cause uuid,
    p_type text, p_at timestamptz, p_data bytea
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT int8send(p_position)
        || int4send(octet_length(p_stream)) || convert_to(p_stream, 'UTF8')
        || int4send(p_version) || uuid_send(p_event_id) || uuid_send(p_cause)
        || int4send(octet_length(p_type)) || convert_to(p_type, 'UTF8')
        || int8send((extract(epoch FROM p_at) * 1000000)::bigint)
        || int4send(octet_length(p_data)) || p_data
$$;

-- One writer at a time: position order is commit order, so a reader that has seen position n has seen
-- everything before it. A plain sequence would let a late commit slip in behind a reader's back.
CREATE FUNCTION lock_log() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(4740861539521036)
$$;

-- Appends events to one stream and returns the last position.
-- Raises DR001 when the stream is not at p_expected.
CREATE FUNCTION append_events(
    p_stream text, p_expected integer, p_cause uuid, p_at timestamptz,
    p_event_ids uuid[], p_types text[], p_data bytea[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_version  integer;
    v_position bigint;
    v_hash     bytea;
BEGIN
    PERFORM lock_log();
    SELECT coalesce(max(version), 0) INTO v_version FROM event_log WHERE stream = p_stream;
    IF v_version <> p_expected THEN
        RAISE EXCEPTION 'stream % is at version %, not %', p_stream, v_version, p_expected
            USING ERRCODE = 'DR001';
    END IF;
    SELECT position, hash INTO v_position, v_hash FROM event_log ORDER BY position DESC LIMIT 1;
    v_position := coalesce(v_position, 0);
    v_hash := coalesce(v_hash, '\x'::bytea);
    FOR i IN 1 .. cardinality(p_event_ids) LOOP
        v_position := v_position + 1;
        v_version := v_version + 1;
        v_hash := sha256(v_hash || event_canonical(
            v_position, p_stream, v_version, p_event_ids[i], p_cause, p_types[i], p_at, p_data[i]));
        INSERT INTO event_log VALUES (
            v_position, p_stream, v_version, p_event_ids[i], p_cause, p_types[i], p_at, p_data[i], v_hash);
    END LOOP;
    RETURN v_position;
END
$$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is append-only: % is refused', TG_OP USING ERRCODE = 'DR002';
END
$$;
CREATE TRIGGER event_log_append_only BEFORE UPDATE OR DELETE ON event_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_log_no_truncate BEFORE TRUNCATE ON event_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A message claimed here took effect in the same transaction; claiming it again claims nothing.
CREATE TABLE inbox (
    consumer   text        NOT NULL,
    message_id uuid        NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX inbox_age ON inbox (claimed_at);

-- Each person's data key, wrapped. Deleting the row makes everything sealed under it unreadable.
CREATE TABLE person_key (
    person_id uuid  PRIMARY KEY,
    wrapped   bytea NOT NULL
);

-- How far each reader of the log has come.
CREATE TABLE checkpoint (
    reader   text   PRIMARY KEY,
    position bigint NOT NULL
);

-- When each JetStream stream was made: another time than remembered means that NATS lost its data
-- and what was in flight has to be sent again.
CREATE TABLE transport (
    stream  text PRIMARY KEY,
    created text NOT NULL
);

CREATE SCHEMA projection;

-- When a renderer last reported on each backend, and how many prompts ran or waited there, whoever's. Not in
-- the log: that time passed is not an event until it is found that a renderer has gone silent, and how long
-- a queue is changes all the time.
CREATE TABLE heard (
    backend text        PRIMARY KEY,
    at      timestamptz NOT NULL,
    queued  integer     NOT NULL
);
