-- Whose transfers are meant by a withdrawal: by any of their hashes.
CREATE INDEX transfer_member_ids ON transfer USING GIN (string_to_array(member_ids, ' '));
