package org.payerexchange.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.ZoneId;
import org.payerexchange.http.JsonLimits;

/** An object with a list of the requests, one a line, and behind it what they come to. */
final class JsonForm implements ReportForm {
  private final Head head;
  private boolean isFirst = true;

  /** Of the days from one to another. */
  JsonForm(LocalDate from, LocalDate to, ZoneId zone) {
    this.head = new Head(from, to, zone.getId());
  }

  @Override
  public String head() {
    return json(head).replaceFirst("}$", ",\"requests\":[");
  }

  @Override
  public String line(ReportLine line) {
    String comma = isFirst ? "\n" : ",\n";
    isFirst = false;
    return comma + json(line);
  }

  @Override
  public String tail(ReportCounts counts) {
    return "\n],\"outcomes\":%s,\"overdue\":%s}\n"
        .formatted(json(counts.outcomes()), json(counts.overdue()));
  }

  private static String json(Object value) {
    try {
      return JsonLimits.views().writeValueAsString(value);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private record Head(LocalDate from, LocalDate to, String zone) {}
}
