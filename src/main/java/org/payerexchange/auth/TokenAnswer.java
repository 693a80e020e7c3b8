package org.payerexchange.auth;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A token endpoint's answer (RFC 6749, sections 5.1 and 5.2).
 *
 * @param accessToken the token; masked in {@link #toString()}
 * @param expiresIn seconds that it is valid for, null where the endpoint does not say
 * @param error the code of a refusal, such as {@code invalid_client}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record TokenAnswer(
    @JsonProperty("access_token") String accessToken,
    @JsonProperty("expires_in") Long expiresIn,
    @JsonProperty("error") String error) {

  @Override
  public String toString() {
    return "TokenAnswer[expires in %s s]".formatted(expiresIn);
  }
}
