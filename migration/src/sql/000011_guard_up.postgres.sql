UPDATE proposal SET remarks = found.codes
    FROM (SELECT proposal_id, string_agg(remark, ' ' ORDER BY remark COLLATE "C") AS codes
        FROM proposal_remark GROUP BY proposal_id) AS found
    WHERE id = found.proposal_id;

CREATE FUNCTION tally_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state <> 'withdrawn' THEN
        INSERT INTO tally_change (change,
                consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
                language, remarks, public, submitted_at, received_at, first_answered_at, decided_at)
            VALUES (-1,
                OLD.consultation_id, OLD.axis_id, OLD.territory_id, OLD.age_band, OLD.gender, OLD.participant_type,
                OLD.residence, OLD.channel, OLD.state, OLD.language, OLD.remarks, OLD.public, OLD.submitted_at,
                OLD.received_at, OLD.first_answered_at, OLD.decided_at);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state <> 'withdrawn' THEN
        INSERT INTO tally_change (change,
                consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
                language, remarks, public, submitted_at, received_at, first_answered_at, decided_at)
            VALUES (1,
                NEW.consultation_id, NEW.axis_id, NEW.territory_id, NEW.age_band, NEW.gender, NEW.participant_type,
                NEW.residence, NEW.channel, NEW.state, NEW.language, NEW.remarks, NEW.public, NEW.submitted_at,
                NEW.received_at, NEW.first_answered_at, NEW.decided_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_insert AFTER INSERT ON proposal FOR EACH ROW EXECUTE FUNCTION tally_proposal();
CREATE TRIGGER tally_delete AFTER DELETE ON proposal FOR EACH ROW EXECUTE FUNCTION tally_proposal();
CREATE TRIGGER tally_update AFTER UPDATE OF
        consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
        language, remarks, public, submitted_at, received_at, first_answered_at, decided_at
    ON proposal FOR EACH ROW WHEN (
        (OLD.consultation_id, OLD.axis_id, OLD.territory_id, OLD.age_band, OLD.gender, OLD.participant_type,
        OLD.residence, OLD.channel, OLD.state, OLD.language, OLD.remarks, OLD.public, OLD.submitted_at,
        OLD.received_at, OLD.first_answered_at, OLD.decided_at)
        IS DISTINCT FROM
        (NEW.consultation_id, NEW.axis_id, NEW.territory_id, NEW.age_band, NEW.gender, NEW.participant_type,
        NEW.residence, NEW.channel, NEW.state, NEW.language, NEW.remarks, NEW.public, NEW.submitted_at,
        NEW.received_at, NEW.first_answered_at, NEW.decided_at)
    ) EXECUTE FUNCTION tally_proposal();
INSERT INTO tally_change (change,
        consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
        language, remarks, public, submitted_at, received_at, first_answered_at, decided_at)
    SELECT 1,
        consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
        language, remarks, public, submitted_at, received_at, first_answered_at, decided_at
    FROM proposal WHERE state <> 'withdrawn';

CREATE FUNCTION refuse_edition_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an edition is never changed';
END $$;
CREATE TRIGGER edition_change BEFORE UPDATE OR DELETE OR TRUNCATE ON edition
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edition_change();
