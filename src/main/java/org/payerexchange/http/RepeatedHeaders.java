package org.payerexchange.http;

import java.util.Collection;
import java.util.List;
import org.apache.camel.Message;

/**
 * Headers of an answer that came more than once, as proxies send them that add what a server has
 * set. One value that came twice is one value.
 */
final class RepeatedHeaders {
  /** The longest of several counts. */
  private static final String WAIT = "Retry-After";

  private RepeatedHeaders() {}

  /** Leaves what came with several values to who reads it, but for the time to wait. */
  static void fold(Message answer) {
    if (answer.hasHeaders()) {
      answer.getHeaders().replaceAll(RepeatedHeaders::folded);
    }
  }

  private static Object folded(String name, Object value) {
    if (!(value instanceof Collection<?> values)) {
      return value;
    }
    List<String> different = values.stream().map(String::valueOf).distinct().toList();
    return different.size() == 1 || name.equalsIgnoreCase(WAIT)
        ? String.join(", ", different)
        : value;
  }
}
