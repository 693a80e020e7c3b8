package org.payerexchange.export;

import java.nio.charset.StandardCharsets;

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
   * @return the body where it begins as a JSON object does, else an empty object
   */
  public byte[] objectOf(byte[] body) {
    if (body != null) {
      for (byte b : body) {
        if (b == '{') {
          return body;
        }
        if (!Character.isWhitespace(b)) {
          break;
        }
      }
    }
    return "{}".getBytes(StandardCharsets.UTF_8);
  }
}
