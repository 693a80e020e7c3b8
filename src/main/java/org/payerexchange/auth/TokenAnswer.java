package org.payerexchange.auth;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * A token endpoint's answer (RFC 6749, sections 5.1 and 5.2). What is optional and cannot be read
 * counts as absent; a {@code token_type} is not asked for, since every token goes as a bearer's.
 *
 * @param accessToken the token, masked in {@link #toString()}; null where there is none that can
 *     stand in a header
 * @param expiresIn seconds that it is valid for, null where the endpoint does not say
 * @param error what is told of a refusal, such as {@code 401 invalid_client}; null where there is
 *     none
 */
public record TokenAnswer(String accessToken, Long expiresIn, String error) {
  private static final String STANDS_IN_A_HEADER = "[\\x21-\\x7E]+";

  /** All that may be told of a refusal: other words may quote what was sent. */
  private static final String CODE = "[a-z][a-z_]{0,39}";

  /** Reads an answer in whatever form the endpoint writes it. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static TokenAnswer of(JsonNode answer) {
    return new TokenAnswer(
        text(answer.path("access_token"), STANDS_IN_A_HEADER),
        seconds(answer.path("expires_in")),
        text(answer.path("error"), CODE));
  }

  /** A refusal by its status, with the code that came with it where there was one. */
  public static TokenAnswer refusal(int status, TokenAnswer body) {
    return new TokenAnswer(
        null,
        null,
        body == null || body.error() == null ? "" + status : status + " " + body.error());
  }

  /** Whether the endpoint does not know the client, or its key, so that another may help. */
  public boolean isOfUnknownClient() {
    return error != null && (error.endsWith("invalid_client") || error.equals("401"));
  }

  private static String text(JsonNode field, String form) {
    String text = field.isTextual() ? field.textValue().strip() : "";
    return text.matches(form) ? text : null;
  }

  private static Long seconds(JsonNode field) {
    try {
      double seconds =
          field.isTextual()
              ? Double.parseDouble(field.textValue())
              : field.isNumber() ? field.doubleValue() : Double.NaN;
      return Double.isNaN(seconds) ? null : (long) seconds;
    } catch (NumberFormatException unreadable) {
      return null;
    }
  }

  @Override
  public String toString() {
    return "TokenAnswer[expires in %s s]".formatted(expiresIn);
  }
}
