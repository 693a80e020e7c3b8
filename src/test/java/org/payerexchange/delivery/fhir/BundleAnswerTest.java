package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class BundleAnswerTest {
  private static final int MOST = 10_000;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'resourceType':'Bundle','id':'x','type':'batch-response','entry':[]} | {'resourceType':'Bundle','type':'batch-response','entry':[]}",
        "{'entry':[{'resource':{'a':[1,{'response':2}]},'response':{'status':'200','outcome':{'a':[1]}},'fullUrl':'u'},null,7]} | {'entry':[{'response':{'status':'200','outcome':{'a':[1]}}},null,7]}",
        "{'entry':[{'response':null},{'response':'x'},[{'resource':1}]]} | {'entry':[{'response':null},{'response':'x'},[{'resource':1}]]}",
        "{'entry':{'resource':1}} | {'entry':{'resource':1}}",
        "[{'entry':1}] | ``",
        "7 | ``",
        "`` | ``"
      })
  void whatBecameOfEachEntryIsKeptAndNothingElse(String answer, String kept) throws Exception {
    assertThat(read(answer.replace('\'', '"'))).isEqualTo(kept.replace('\'', '"'));
  }

  @Test
  void aResourceIsPassedOverThoughItIsLargerThanWhatIsKept() throws Exception {
    String entry =
        "{\"resource\":{\"data\":\"%s\",\"n\":[%s1]},\"response\":{\"status\":\"200\"}}"
            .formatted("A".repeat(8 * MOST), "1,".repeat(4 * MOST));

    assertThat(read("{\"entry\":[%s,%s]}".formatted(entry, "{\"response\":{}}")))
        .isEqualTo("{\"entry\":[{\"response\":{\"status\":\"200\"}},{\"response\":{}}]}");
  }

  @Test
  void whatIsKeptAndWhatIsPassedOverAreBounded() {
    String deep = "[".repeat(200) + "]".repeat(200);

    assertThatThrownBy(() -> read("{\"type\":\"%s\"}".formatted("x".repeat(MOST))))
        .isInstanceOf(AnswerTooLarge.class)
        .hasMessageContaining("longer than 10000 bytes (p2p.http.max-answer-bytes)");
    assertThatThrownBy(() -> read("{\"id\":\"%s\"}".formatted("x".repeat(32 * MOST))))
        .isInstanceOf(AnswerTooLarge.class)
        .hasMessageContaining("longer than 32 times p2p.http.max-answer-bytes");
    assertThatThrownBy(() -> read("{\"type\":%s}".formatted(deep)))
        .isInstanceOf(AnswerTooLarge.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<html>", "{\"entry\":[{\"response\":{}", "{} {}", "{\"entry\":[}", "{}}"})
  void whatIsNoJsonIsABadAnswer(String answer) {
    assertThatThrownBy(() -> read(answer))
        .isInstanceOfSatisfying(
            TransferException.class,
            bad -> assertThat(bad.reason()).isEqualTo(FailureReason.BAD_ANSWER));
  }

  private static String read(String answer) throws IOException {
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    return new String(
        BundleAnswer.read(new ByteArrayInputStream(bytes), MOST), StandardCharsets.UTF_8);
  }
}
