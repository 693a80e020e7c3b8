package org.payerexchange.ledger.store;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.payerexchange.ledger.IntakeEntry;

/**
 * What is kept of ids of members, coverages and consents, so that they are known again: a letter
 * for the kind, as {@link IntakeEntry.Accepted#ids} has it, and 124 bits of HMAC-SHA-256, with a
 * key that the ledger makes for itself, over payer, kind and id.
 */
final class IdHashes {
  /** What the hashes of consents begin with. */
  static final String CONSENT = "s";

  /** What those of coverages begin with. */
  static final String COVERAGE = "v";

  /** What those of members begin with. */
  static final String MEMBER = "m";

  private static final int LENGTH = 31;
  private static final int KEPT = 30;

  private final LedgerDatabase database;
  private volatile HashFunction keyed;

  IdHashes(LedgerDatabase database) {
    this.database = database;
  }

  /** A condition on rows that keep such hashes: one of them is the parameter. */
  static String has(LedgerDatabase database) {
    return database.embedded()
        ? "member_ids LIKE '%' || ? || '%'"
        // as the index has it
        : "string_to_array(member_ids, ' ') @> ARRAY[CAST(? AS TEXT)]";
  }

  /** Hashes of ids, sorted; before a change of the ledger, not within it. */
  Set<String> of(String payer, Collection<String> ids) {
    if (ids.isEmpty()) {
      return Set.of();
    }
    HashFunction hmac = keyed();
    return ids.stream()
        .map(
            id ->
                id.charAt(0)
                    + hmac.hashString(payer + "\n" + id, StandardCharsets.UTF_8)
                        .toString()
                        .substring(0, LENGTH))
        .limit(KEPT)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private HashFunction keyed() {
    if (keyed == null) {
      String key = database.change(() -> known().orElseGet(this::give));
      keyed = Hashing.hmacSha256(HexFormat.of().parseHex(key));
    }
    return keyed;
  }

  private String give() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    database.update(
        "INSERT INTO id_hash_key (only_row, hash_key) VALUES (1, ?) ON CONFLICT DO NOTHING",
        HexFormat.of().formatHex(key));
    return known().orElseThrow();
  }

  private Optional<String> known() {
    return database.jdbc().sql("SELECT hash_key FROM id_hash_key").query(String.class).optional();
  }
}
