package org.payerexchange.export;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.payerexchange.http.JsonLimits;

/**
 * Prepares the body of an answer for the JSON parser. Payers answer a kick-off or a status request
 * with nothing, with plain text or with HTML as well; such a body counts as an empty object, so
 * that the status and the headers alone decide.
 */
public final class AnswerJson {

  /**
   * The JSON object of an answer.
   *
   * @param body the answer's body, null for none
   * @return the body where it begins as a JSON object does, behind a byte order mark or not, else
   *     an empty object
   */
  public byte[] objectOf(byte[] body) {
    try (JsonParser json = JsonLimits.mapper().createParser(body == null ? new byte[0] : body)) {
      return json.nextToken() == JsonToken.START_OBJECT ? body : none();
    } catch (IOException noJson) {
      return none();
    }
  }

  /**
   * The same of an answer whose text is searched where it is no JSON.
   *
   * @param body the answer's body
   * @return the body where it is a JSON object to its end, else an empty object
   */
  public byte[] wholeObjectOf(byte[] body) {
    try {
      return JsonLimits.mapper().readTree(body).isObject() ? body : none();
    } catch (IOException noJson) {
      return none();
    }
  }

  private static byte[] none() {
    return "{}".getBytes(StandardCharsets.UTF_8);
  }
}
