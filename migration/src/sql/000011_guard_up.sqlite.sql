UPDATE proposal SET remarks = (SELECT group_concat(remark, ' ') FROM
        (SELECT remark FROM proposal_remark WHERE proposal_id = proposal.id ORDER BY remark))
    WHERE id IN (SELECT proposal_id FROM proposal_remark);

CREATE TRIGGER tally_insert AFTER INSERT ON proposal WHEN NEW.state <> 'withdrawn' BEGIN
    INSERT INTO tally_change (change,
            consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
            language, remarks, public, submitted_at, received_at, first_answered_at, decided_at)
        VALUES (1,
            NEW.consultation_id, NEW.axis_id, NEW.territory_id, NEW.age_band, NEW.gender, NEW.participant_type,
            NEW.residence, NEW.channel, NEW.state, NEW.language, NEW.remarks, NEW.public, NEW.submitted_at,
            NEW.received_at, NEW.first_answered_at, NEW.decided_at);
END;
CREATE TRIGGER tally_update AFTER UPDATE OF
        consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
        language, remarks, public, submitted_at, received_at, first_answered_at, decided_at
    ON proposal WHEN
        OLD.consultation_id IS NOT NEW.consultation_id OR OLD.axis_id IS NOT NEW.axis_id OR OLD.territory_id IS NOT
        NEW.territory_id OR OLD.age_band IS NOT NEW.age_band OR OLD.gender IS NOT NEW.gender OR OLD.participant_type
        IS NOT NEW.participant_type OR OLD.residence IS NOT NEW.residence OR OLD.channel IS NOT NEW.channel OR
        OLD.state IS NOT NEW.state OR OLD.language IS NOT NEW.language OR OLD.remarks IS NOT NEW.remarks OR OLD.public
        IS NOT NEW.public OR OLD.submitted_at IS NOT NEW.submitted_at OR OLD.first_answered_at IS NOT
        NEW.first_answered_at OR OLD.decided_at IS NOT NEW.decided_at
BEGIN
    INSERT INTO tally_change (change,
            consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
            language, remarks, public, submitted_at, received_at, first_answered_at, decided_at)
        SELECT -1,
            OLD.consultation_id, OLD.axis_id, OLD.territory_id, OLD.age_band, OLD.gender, OLD.participant_type,
            OLD.residence, OLD.channel, OLD.state, OLD.language, OLD.remarks, OLD.public, OLD.submitted_at,
            OLD.received_at, OLD.first_answered_at, OLD.decided_at
        WHERE OLD.state <> 'withdrawn';
    INSERT INTO tally_change (change,
            consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
            language, remarks, public, submitted_at, received_at, first_answered_at, decided_at)
        SELECT 1,
            NEW.consultation_id, NEW.axis_id, NEW.territory_id, NEW.age_band, NEW.gender, NEW.participant_type,
            NEW.residence, NEW.channel, NEW.state, NEW.language, NEW.remarks, NEW.public, NEW.submitted_at,
            NEW.received_at, NEW.first_answered_at, NEW.decided_at
        WHERE NEW.state <> 'withdrawn';
END;
CREATE TRIGGER tally_delete AFTER DELETE ON proposal WHEN OLD.state <> 'withdrawn' BEGIN
    INSERT INTO tally_change (change,
            consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
            language, remarks, public, submitted_at, received_at, first_answered_at, decided_at)
        VALUES (-1,
            OLD.consultation_id, OLD.axis_id, OLD.territory_id, OLD.age_band, OLD.gender, OLD.participant_type,
            OLD.residence, OLD.channel, OLD.state, OLD.language, OLD.remarks, OLD.public, OLD.submitted_at,
            OLD.received_at, OLD.first_answered_at, OLD.decided_at);
END;
INSERT INTO tally_change (change,
        consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
        language, remarks, public, submitted_at, received_at, first_answered_at, decided_at)
    SELECT 1,
        consultation_id, axis_id, territory_id, age_band, gender, participant_type, residence, channel, state,
        language, remarks, public, submitted_at, received_at, first_answered_at, decided_at
    FROM proposal WHERE state <> 'withdrawn';

CREATE TRIGGER edition_update BEFORE UPDATE ON edition BEGIN
    SELECT RAISE(ABORT, 'an edition is never changed');
END;
CREATE TRIGGER edition_delete BEFORE DELETE ON edition BEGIN
    SELECT RAISE(ABORT, 'an edition is never changed');
END;
-- INSERT OR REPLACE deletes the row it replaces without a word to the trigger above
CREATE TRIGGER edition_replace BEFORE INSERT ON edition
    WHEN EXISTS (SELECT 1 FROM edition WHERE consultation_id = NEW.consultation_id AND number = NEW.number) BEGIN
    SELECT RAISE(ABORT, 'an edition is never changed');
END;
