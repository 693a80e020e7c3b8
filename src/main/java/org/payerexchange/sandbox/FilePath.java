package org.payerexchange.sandbox;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last part of a file's URL.
 *
 * @param manifest the number of the manifest that named the URL
 * @param index of the file within the job; -1 is the error file
 */
record FilePath(String jobId, int manifest, int index) {
  static final int ERRORS = -1;

  /** The query parameter of a signed URL. */
  static final String SIGNATURE = "X-Amz-Signature";

  private static final Pattern FORM =
      Pattern.compile("([0-9a-f]{32})-(\\d{1,6})-(errors|\\d{1,6})\\.ndjson");

  static Optional<FilePath> parse(String name) {
    Matcher matcher = FORM.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int index = "errors".equals(matcher.group(3)) ? ERRORS : Integer.parseInt(matcher.group(3));
    return Optional.of(new FilePath(matcher.group(1), Integer.parseInt(matcher.group(2)), index));
  }

  @Override
  public String toString() {
    return "%s-%d-%s.ndjson".formatted(jobId, manifest, index == ERRORS ? "errors" : index);
  }
}
