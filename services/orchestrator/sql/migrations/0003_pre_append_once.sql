-- A message takes effect in one statement: claimed, and everything appended that it led to.

DROP FUNCTION append_events(text, integer, uuid, timestamptz, uuid[], text[], bytea[]);
DROP FUNCTION lock_log();

-- Makes the caller the only writer until its transaction ends, and says where the log then stands; position 0
-- for an empty one. One writer at a time: position order is commit order, so a reader that has seen position n
-- has seen everything before it. A plain sequence would let a late commit slip in behind a reader's back.
CREATE FUNCTION open_log(OUT "position" bigint, OUT hash bytea) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4740861539521036);
    -- A statement of its own, so that what was committed while we waited is seen.
    SELECT log.position, log.hash INTO position, hash FROM event_log AS log ORDER BY log.position DESC LIMIT 1;
    position := coalesce(position, 0);
    hash := coalesce(hash, '\x'::bytea);
END
$$;

-- Appends events, each to its stream, and returns the hash of the last.
-- p_consumer: whose message p_cause is, to be claimed with it; empty when it is nobody's.
-- Raises DR001 when the log does not end with p_hash: whoever decided did not know all of it;
-- DR003 when a stream is not right before the version that it is given; DR004 when the message was claimed.
CREATE FUNCTION append_events(
    p_consumer text, p_cause uuid, p_position bigint, p_hash bytea, p_at timestamptz,
    p_streams text[], p_versions integer[], p_event_ids uuid[], p_types text[], p_data bytea[]
) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    v_head    record;
    v_version integer;
    v_hash    bytea := p_hash;
BEGIN
    v_head := open_log();
    IF v_head.position <> p_position OR v_head.hash <> p_hash THEN
        RAISE EXCEPTION 'the log is at position %, not %', v_head.position, p_position USING ERRCODE = 'DR001';
    END IF;
    IF p_consumer <> '' THEN
        INSERT INTO inbox (consumer, message_id) VALUES (p_consumer, p_cause) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION '% has taken message % before', p_consumer, p_cause USING ERRCODE = 'DR004';
        END IF;
    END IF;
    FOR i IN 1 .. cardinality(p_event_ids) LOOP
        SELECT coalesce(max(version), 0) INTO v_version FROM event_log WHERE stream = p_streams[i];
        IF v_version <> p_versions[i] - 1 THEN
            RAISE EXCEPTION 'stream % is at version %, not %', p_streams[i], v_version, p_versions[i] - 1
                USING ERRCODE = 'DR003';
        END IF;
        v_hash := sha256(v_hash || event_canonical(
            p_position + i, p_streams[i], p_versions[i], p_event_ids[i], p_cause, p_types[i], p_at, p_data[i]));
        INSERT INTO event_log VALUES (
            p_position + i, p_streams[i], p_versions[i], p_event_ids[i], p_cause, p_types[i], p_at, p_data[i],
            v_hash);
    END LOOP;
    RETURN v_hash;
END
$$;
