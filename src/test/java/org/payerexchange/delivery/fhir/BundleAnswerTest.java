package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class BundleAnswerTest {
  private static final int MOST = 10_000;
  private static final AnswerLimits LIMITS = new AnswerLimits(3, MOST);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'resourceType':'Bundle','id':'x','type':'batch-response','entry':[]} | {'resourceType':'Bundle','type':'batch-response','entry':[]}",
        "{'entry':[{'resource':{'a':[1,{'response':2}]},'response':{'status':'200','etag':'e','outcome':{'a':[1]}},'fullUrl':'u'},null,7]} | {'entry':[{'response':{'status':'200','outcome':{}}},{},{}]}",
        "{'entry':[{'response':null},{'response':'x'},[{'resource':1}]]} | {'entry':[{},{},{}]}",
        "{'entry':[{'response':{'status':422,'outcome':{'resourceType':'OperationOutcome','text':{'div':'x'},'issue':[{'code':'x','extension':[{'n':1,'f':1.5,'b':true,'z':null}]},'y']}}}]} | {'entry':[{'response':{'status':'422','outcome':{'resourceType':'OperationOutcome','issue':[{'code':'x','extension':[{'n':1,'f':1.5,'b':true,'z':null}]},'y']}}}]}",
        "{'entry':[{'response':{'status':{'a':1},'outcome':[1]}}]} | {'entry':[{'response':{}}]}",
        "{'entry':[1,2,3,4,5,6]} | {'entry':[{},{},{},{}]}",
        "{'entry':{'resource':1},'type':[1]} | {}",
        "[{'entry':1}] | {}",
        "7 | {}",
        "`` | {}"
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
  void ofTooManyIssuesTheFirstAreKeptAndTheOthersCounted() throws Exception {
    String issue = "{\"severity\":\"error\",\"diagnostics\":\"%s\"}".formatted("x".repeat(100));

    assertThat(read(refused(IntStream.range(0, 50).mapToObj(i -> issue))))
        .isEqualTo(
            refused(
                Stream.of(
                    issue,
                    issue,
                    issue,
                    "{\"severity\":\"information\",\"code\":\"informational\",\"diagnostics\":\"47 more issue(s) are left out\"}")));
  }

  @Test
  void ofTheFirstIssueThereIsAPartHoweverLargeItIs() throws Exception {
    String large =
        "{\"severity\":\"error\",\"diagnostics\":\"%s\",\"code\":\"invalid\",\"location\":[%s1]}";
    // the characters of severity, error and diagnostics leave so many
    String kept = "\uD83D\uDE00".repeat((416 - 16 - 8 - 5 - 11) / 2);

    assertThat(read(refused(Stream.of(large.formatted(kept + kept, "1,".repeat(MOST))))))
        .isEqualTo(
            refused(Stream.of("{\"severity\":\"error\",\"diagnostics\":\"%s\"}".formatted(kept))));
  }

  @Test
  void manyEntriesWithMuchToSayAreKeptWithinBounds() throws Exception {
    AnswerLimits limits = new AnswerLimits(1_000, 32 << 20);
    String issues = "{\"location\":[\"x\"%s]}".formatted(",\"x\"".repeat(300));
    String entry =
        "{\"response\":{\"status\":\"422\",\"outcome\":{\"issue\":[%s,%s]}}}"
            .formatted(issues, issues);
    String answer = "{\"entry\":[%s%s]}".formatted(entry, ("," + entry).repeat(999));

    JsonNode kept = BundleAnswer.read(stream(answer), limits);

    assertThat(kept.path("entry")).hasSize(1_000);
    assertThat(kept.path("entry"))
        .allSatisfy(
            each -> {
              assertThat(each.at("/response/status").asText()).isEqualTo("422");
              assertThat(each.at("/response/outcome/issue/0/location").size()).isBetween(100, 131);
              assertThat(each.at("/response/outcome/issue")).hasSize(2);
            });
  }

  @Test
  void whatIsPassedOverIsBounded() {
    String deep = "[".repeat(200) + "]".repeat(200);

    assertThatThrownBy(() -> read("{\"id\":\"%s\"}".formatted("x".repeat(32 * MOST))))
        .isInstanceOf(AnswerTooLarge.class)
        .hasMessageContaining("longer than 32 times p2p.http.max-answer-bytes");
    assertThatThrownBy(() -> read("{\"type\":%s}".formatted(deep)))
        .isInstanceOf(AnswerTooLarge.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'resourceType':'OperationOutcome','id':'x','issue':[{'code':'y'}]} | {'resourceType':'OperationOutcome','issue':[{'code':'y'}]}",
        "{'resourceType':'Patient','issue':[]} | {'resourceType':'Patient','issue':[]}",
        "{'resourceType':'OperationOutcome', | {'resourceType':'OperationOutcome',",
        "<html> | <html>"
      })
  void ofARefusalsOutcomeAShareIsKept(String body, String kept) throws Exception {
    byte[] bytes = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);

    assertThat(BundleAnswer.refusal(bytes, LIMITS)).asString().isEqualTo(kept.replace('\'', '"'));
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

  private static String refused(Stream<String> issues) {
    return "{\"entry\":[{\"response\":{\"status\":\"422\",\"outcome\":{\"resourceType\":\"OperationOutcome\",\"issue\":[%s]}}}]}"
        .formatted(issues.collect(Collectors.joining(",")));
  }

  private static String read(String answer) throws IOException {
    return BundleAnswer.read(stream(answer), LIMITS).toString();
  }

  private static ByteArrayInputStream stream(String answer) {
    return new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8));
  }
}
