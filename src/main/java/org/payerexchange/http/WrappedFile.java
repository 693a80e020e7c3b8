package org.payerexchange.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of NDJSON that a server has put into a Binary, in JSON or XML, since it was asked for by a
 * media type of FHIR (hapi-fhir#4051). Asked for any type the same server sends the file itself.
 */
final class WrappedFile {
  /** How much of a beginning is looked at, in bytes. */
  static final int LOOK = 1024;

  private static final int MOST_BEFORE_TYPE = 64;
  private static final Pattern TYPE = Pattern.compile("\\{\\s*\"resourceType\"\\s*:\\s*\"(\\w*)\"");

  private WrappedFile() {}

  /** Whether what begins so is one. */
  static boolean is(String beginning) {
    String start = beginning.stripLeading();
    Matcher type = TYPE.matcher(start);
    boolean isBinary =
        start.startsWith("<")
            ? start.contains("<Binary")
            : type.lookingAt() && type.group(1).equals("Binary");
    return isBinary && start.contains("contentType") && start.contains("ndjson");
  }

  /** Whether more of the beginning may show it. */
  static boolean mayBe(String beginning) {
    String start = beginning.stripLeading();
    if (is(beginning)) {
      return false;
    }
    Matcher type = TYPE.matcher(start);
    return type.lookingAt()
        ? type.group(1).equals("Binary")
        : start.isEmpty()
            || start.startsWith("<")
            || (start.startsWith("{") && start.length() < MOST_BEFORE_TYPE);
  }
}
