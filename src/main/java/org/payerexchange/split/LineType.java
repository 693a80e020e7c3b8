package org.payerexchange.split;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.payerexchange.http.JsonLimits;

/** The type of the resource in a line. */
public final class LineType {
  /** That of a line that tells, in a file of all types, whose those behind it are. */
  public static final String HEADER = "Parameters";

  private static final JsonMapper JSON = JsonLimits.resources(Long.MAX_VALUE).build();

  private LineType() {}

  /**
   * Reads it without a tree of the resource.
   *
   * @param line a JSON object
   * @return empty if it has none
   * @throws IOException if it is no JSON, or beyond our limits of JSON
   */
  static String of(byte[] line) throws IOException {
    try (JsonParser json = JSON.createParser(line)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean isType = json.currentName().equals("resourceType");
        json.nextToken();
        if (isType) {
          return json.getText();
        }
        json.skipChildren();
      }
      return "";
    }
  }

  /** Whether a line in a file of all types is a header. */
  public static boolean isHeader(String type) {
    return type.equals(HEADER);
  }
}
