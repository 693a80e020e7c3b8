package org.payerexchange.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the operators' page loads: scripts and a style sheet, without data. */
public final class PageFiles {
  private static final Set<String> NAMES =
      Set.of(
          "page.css",
          "page.js",
          "api.js",
          "parts.js",
          "overview.js",
          "list.js",
          "readiness.js",
          "recurring.js",
          "transfer.js");

  /** Where the page and these are. */
  static final Set<String> PATHS =
      Stream.concat(Stream.of("/"), NAMES.stream().map("/page/"::concat))
          .collect(Collectors.toSet());

  /**
   * One of them.
   *
   * @param request has its name as {@code file}
   * @throws OpsRefusal 404 if there is none of that name
   */
  public byte[] content(Map<String, ?> request) {
    try (InputStream file = PageFiles.class.getResourceAsStream("/ops-page/" + name(request))) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Its media type.
   *
   * @throws OpsRefusal 404 if there is none of that name
   */
  public String type(Map<String, ?> request) {
    return "text/%s; charset=utf-8"
        .formatted(name(request).endsWith(".css") ? "css" : "javascript");
  }

  private static String name(Map<String, ?> request) {
    String name = new Asked(request).text("file");
    if (!NAMES.contains(name)) {
      throw new OpsRefusal(404, WordedRefusals.WORDS.get(404));
    }
    return name;
  }
}
