package org.payerexchange.ledger;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import org.payerexchange.step.FailureReason;

/**
 * A payer or a sink that transfers wait for.
 *
 * @param kind {@code payer} or {@code sink}
 * @param name the payer's id, or what the ledger calls the sink
 * @param since when it began
 * @param time how long that is ago
 * @param reason {@link FailureReason#TOKEN_REFUSED}, {@link FailureReason#CREDENTIALS_UNUSABLE},
 *     {@link FailureReason#PAYER_BUSY}, {@link FailureReason#SINK_BUSY}, {@link
 *     FailureReason#PAUSED}, {@link FailureReason#OUTSIDE_HOURS}, {@link FailureReason#AT_LIMIT},
 *     or {@link FailureReason#SINK_REFUSED} where the sink is not configured any more
 * @param why in words for operators
 * @param until when it is over by itself, as far as that is known; else null
 */
public record Hold(
    String kind,
    String name,
    Instant since,
    @JsonIgnore Duration time,
    FailureReason reason,
    @JsonProperty("detail") String why,
    Instant until) {

  /** Until when it is held, behind other words; nothing where that is not known. */
  public String untilInWords() {
    return until == null ? "" : ", until " + until;
  }
}
