package org.payerexchange.dialect.member;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What we call a member in one request: the {@code id} of its MemberPatient. The payer's answer
 * names its members by it. It is unlike any number that a payer gives out, and another one in each
 * request, so that an answer to another request cannot be taken for one to this.
 */
public final class MemberId {
  private static final Pattern OURS =
      Pattern.compile("m-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private MemberId() {}

  /**
   * The id, the same whenever it is asked for: 38 of FHIR's 64 characters, letters, digits and
   * dashes.
   *
   * @param batch the request's own id
   * @param transfer the member's transfer
   */
  public static String of(String batch, String transfer) {
    return "m-" + UUID.nameUUIDFromBytes((batch + "\n" + transfer).getBytes(UTF_8));
  }

  /** Whether an id was made here, for this request or for another. */
  public static boolean isOurs(String id) {
    return OURS.matcher(id).matches();
  }
}
