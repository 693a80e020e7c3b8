package org.payerexchange.sandbox;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The bytes of one NDJSON file, any part of which can be had at any time. */
interface Content {
  int CHUNK = 64 * 1024;
  String NDJSON = "application/fhir+ndjson";

  String resourceType();

  long resources();

  /** In bytes. */
  long length();

  /** What it is sent as. */
  default String mediaType() {
    return NDJSON;
  }

  /**
   * The form in which it is sent to a client that accepts this.
   *
   * @param accept the request's header; null without one
   */
  default Content asked(String accept) {
    return this;
  }

  /** The {@code size} bytes from {@code position} on, all of which must lie inside. */
  byte[] read(long position, int size);

  /** SHA-256 of the whole, in hexadecimal; costs a pass over all of it. */
  default String sha256() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    for (long position = 0; position < length(); position += CHUNK) {
      digest.update(read(position, (int) Math.min(CHUNK, length() - position)));
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
