package org.payerexchange.dialect.pdex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.MatchKind;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.MemberId;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class BulkMatchAnswerTest {

  static Stream<String> allForms() throws IOException {
    String groups = Cases.file("groups.ndjson");
    String parameters = Cases.file("parameters.json");
    List<String> lines = groups.lines().toList();
    String pretty =
        String.join(
            "\n",
            Cases.json(lines.get(0)).toPrettyString(),
            Cases.json(lines.get(1)).toPrettyString(),
            Cases.json(lines.get(2)).toPrettyString());
    return Stream.of(
        groups,
        groups.replace("\n", "\r\n\r\n"),
        "\uFEFF" + groups.stripTrailing(),
        "[" + String.join(",", lines) + "]",
        pretty,
        parameters,
        Cases.json(parameters).toString() + "\n",
        binary(groups),
        binary(parameters),
        "{\"resourceType\":\"Bundle\",\"entry\":["
            + String.join(",", lines.stream().map(line -> "{\"resource\":" + line + "}").toList())
            + "]}",
        "{\"jobId\":\"7\",\"status\":\"COMPLETED\",\"errors\":[],\"output\":" + parameters + "}");
  }

  @ParameterizedTest
  @MethodSource("allForms")
  void everyFormSaysTheSame(String file) throws IOException {
    assertThat(Cases.read(file))
        .extracting(AnsweredGroup::bucket)
        .containsExactly(MatchKind.MATCHED, MatchKind.NOT_MATCHED, MatchKind.CONSENT_CONSTRAINED);
    AnsweredGroup matched = Cases.read(file).get(0);
    assertThat(matched.id()).isEqualTo("group-1");
    assertThat(matched.members())
        .extracting(AnsweredMember::patientId, AnsweredMember::requested)
        .containsExactly(tuple("member-a", "member-1"));
    assertThat(matched.members().get(0).person()).isEqualTo(Cases.asked("m-1", 1).person());
  }

  @Test
  void theGroupsMayComeInAFileEach() throws IOException {
    String[] lines = Cases.file("groups.ndjson").lines().toArray(String[]::new);

    assertThat(Cases.read(lines)).hasSize(3);
  }

  @Test
  void groupsGoBeforeParameters() throws IOException {
    String line = Cases.file("groups.ndjson").lines().findFirst().orElseThrow();

    assertThat(Cases.read(Cases.file("parameters.json"), line)).hasSize(1);
  }

  @Test
  void theNameOfTheParameterGoesBeforeTheCode() throws IOException {
    ObjectNode uncoded = Cases.group("g", "");
    ObjectNode matched = Cases.group("g", "match");
    ObjectNode refused = Cases.group("g", "nomatch");

    assertThat(bucket(inParameters("MatchedMembers", uncoded))).isEqualTo(MatchKind.MATCHED);
    assertThat(bucket(inParameters("NonMatchedMembers", matched))).isEqualTo(MatchKind.NOT_MATCHED);
    assertThat(bucket(inParameters("ConsentConstrainedMembers", refused)))
        .isEqualTo(MatchKind.CONSENT_CONSTRAINED);
    assertThat(bucket(inParameters("MatchedMembers", refused))).isEqualTo(MatchKind.UNSAID);
    assertThat(bucket(inParameters("Other", matched))).isEqualTo(MatchKind.MATCHED);
  }

  @Test
  void aGroupWithoutACodeOrWithTwoSaysNothing() throws IOException {
    ObjectNode twice = Cases.group("g", "match");
    twice.withObject("/code").withArrayProperty("coding").addObject().put("code", "nomatch");
    ObjectNode foreign = Cases.group("g", "match");
    ((ObjectNode) foreign.at("/code/coding/0")).put("system", "http://x.example/other");

    assertThat(bucket(Cases.group("g", "").toString())).isEqualTo(MatchKind.UNSAID);
    assertThat(bucket(Cases.group("g", "matched").toString())).isEqualTo(MatchKind.UNSAID);
    assertThat(bucket(twice.toString())).isEqualTo(MatchKind.UNSAID);
    assertThat(bucket(foreign.toString())).isEqualTo(MatchKind.UNSAID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "\"Group\"",
        "7",
        "not json",
        "<Binary xmlns=\"http://hl7.org/fhir\"><data value=\"e30=\"/></Binary>",
        "{\"resourceType\":\"OperationOutcome\",\"issue\":[]}",
        "{\"resourceType\":\"Binary\",\"data\":\"%%%\"}",
        "{\"resourceType\":\"Binary\",\"data\":\"e30=\"}",
        "{\"resourceType\":\"Binary\"}",
        "{\"parameter\":{\"name\":\"MatchedMembers\",\"resource\":{\"resourceType\":\"Group\"}}}",
        "{\"output\":[{\"type\":\"Group\",\"url\":\"https://x.example\"}]}",
        "{\"resourceType\":\"Group\",\"id\":\"g\",\"id\":\"h\"}",
        "{\"resourceType\":\"Group\",\"member\":[{\"entity\":{\"reference\":\"Patient/1\"}}"
      })
  void whatIsNoAnswerEndsWithAReason(String body) {
    assertThatThrownBy(() -> Cases.read(body))
        .isInstanceOfSatisfying(
            TransferException.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.BAD_ANSWER));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceType\":\"Group\",\"member\":7,\"contained\":\"x\",\"code\":[1]}",
        "{\"resourceType\":\"Group\",\"member\":[null,7,{\"entity\":null},{\"entity\":{\"reference\":5}}]}",
        "{\"resourceType\":\"Group\",\"contained\":[{\"resourceType\":\"Patient\",\"id\":{},\"name\":\"x\",\"identifier\":{}}]}",
        "{\"resourceType\":\"Group\",\"id\":\"../..\",\"member\":[{\"entity\":{\"reference\":\"Patient/..\"}}]}"
      })
  void aGroupOfTheWrongShapeNamesNobody(String body) throws IOException {
    assertThat(Cases.read(body))
        .allSatisfy(
            group -> {
              assertThat(group.id()).isEmpty();
              assertThat(group.members()).allMatch(member -> member.patientId().isEmpty());
            });
  }

  @Test
  void aBinaryWithinABinaryIsNotOpened() {
    String inner = binary("{\"resourceType\":\"Group\"}");

    assertThatThrownBy(() -> Cases.read(binary(inner))).isInstanceOf(TransferException.class);
  }

  @Test
  void aPatientIsFoundInEveryFormOfReference() throws IOException {
    ObjectNode group = Cases.group("g", "match");
    Cases.entry(group, "Patient/a", "", "");
    Cases.entry(group, "https://old-payer.example/fhir/Patient/b/_history/3", "", "");
    Cases.entry(group, "https://elsewhere.example/fhir/Patient/b", "", "");
    Cases.entry(group, "Group/c", "", "");
    Cases.entry(group, "#d", "", "");
    Cases.entry(group, "Patient/" + MemberId.of("batch", "t"), "", "");
    Cases.entry(group, "Patient/a,Patient/b", "", "");

    assertThat(Cases.read(group.toString()).get(0).members())
        .extracting(AnsweredMember::patientId)
        .containsExactly("a", "b", "", "", "", "", "");
  }

  @Test
  void aHundredThousandMembersForAHundredAreRefusedEarly() {
    AtomicLong read = new AtomicLong();
    InputStream entries =
        repeated(
            read,
            "{\"resourceType\":\"Group\",\"member\":[{}",
            n -> ",{\"entity\":{\"reference\":\"Patient/%d\"}}".formatted(n),
            100_000);
    assertTooLarge(entries, "entries of members");
    assertThat(read.get()).isLessThan(100_000);

    read.set(0);
    InputStream contained =
        repeated(
            read,
            "{\"resourceType\":\"Group\",\"contained\":[{}",
            n ->
                ",{\"resourceType\":\"Patient\",\"id\":\"%d\",\"birthDate\":\"1970-01-01\"}"
                    .formatted(n),
            100_000);
    assertTooLarge(contained, "values");
    assertThat(read.get()).isLessThan(1_000_000);

    read.set(0);
    InputStream names =
        repeated(
            read,
            "{\"resourceType\":\"Group\",\"contained\":[{\"name\":[{\"given\":[\"\"",
            n -> ",\"\"",
            1_000_000);
    assertTooLarge(names, "items in a list");
    assertThat(read.get()).isLessThan(100_000);
  }

  @Test
  void whatIsSkippedIsBoundedTooOverAllFiles() throws IOException {
    AnswerLimits limits = new AnswerLimits(200_000, 100, 10);
    BulkMatchAnswer answer = new BulkMatchAnswer(Cases.mapper(limits), limits, prefix -> true);
    answer.add(
        repeated(
            new AtomicLong(),
            "{\"resourceType\":\"Group\",\"text\":[0",
            n -> ",1111111111",
            10_000,
            "]}"));

    assertThatThrownBy(
            () ->
                answer.add(
                    repeated(
                        new AtomicLong(),
                        "{\"resourceType\":\"Group\",\"text\":[0",
                        n -> ",1111111111",
                        10_000,
                        "]}")))
        .isInstanceOfSatisfying(
            TransferException.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.TOO_LARGE))
        .hasMessageContaining("200000 bytes");
  }

  /** Whatever is broken, it ends with a reason or with Groups, and with nothing else. */
  @Test
  void noBrokenByteEndsOtherwise() throws IOException {
    byte[] whole = Cases.file("groups.ndjson").getBytes(UTF_8);
    Random random = new Random(21);
    int refused = 0;
    for (int round = 0; round < 3_000; round++) {
      byte[] broken = Arrays.copyOf(whole, whole.length - random.nextInt(20));
      for (int n = random.nextInt(4); n >= 0; n--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      }
      BulkMatchAnswer answer = Cases.answer(3);
      try {
        answer.add(new ByteArrayInputStream(broken));
        assertThat(answer.groups()).isNotEmpty();
      } catch (TransferException reason) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1_000, 2_999);
  }

  @Test
  void whatIsNestedTooDeepIsRefused() {
    String deep = "{\"resourceType\":\"Group\",\"contained\":" + "[".repeat(5_000);

    assertThatThrownBy(() -> Cases.read(deep))
        .isInstanceOfSatisfying(
            TransferException.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.TOO_LARGE));
  }

  @Test
  void aConnectionThatBreaksIsNotABadAnswer() {
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream("{\"resourceType\":".getBytes(UTF_8)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("reset");
              }

              @Override
              public int read(byte[] into, int offset, int length) throws IOException {
                return read();
              }
            });

    assertThatThrownBy(() -> Cases.answer(1).add(broken))
        .isInstanceOf(IOException.class)
        .hasMessage("reset");
  }

  @Test
  void noMessageRepeatsWhatThePayerSent() {
    assertThatThrownBy(() -> Cases.read("{\"resourceType\":\"Group\",\"name\":\"Patricia\"oops}"))
        .hasMessageNotContaining("Patricia")
        .hasMessageNotContaining("oops")
        .hasNoCause();
  }

  private static void assertTooLarge(InputStream file, String what) {
    assertThatThrownBy(() -> Cases.answer(100).add(file))
        .isInstanceOfSatisfying(
            TransferException.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.TOO_LARGE))
        .hasMessageContaining(what);
  }

  private static MatchKind bucket(String file) throws IOException {
    return Cases.read(file).get(0).bucket();
  }

  private static String inParameters(String name, ObjectNode group) {
    ObjectNode parameters = FhirJson.resource("Parameters");
    parameters.putArray("parameter").addObject().put("name", name).set("resource", group);
    return parameters.toString();
  }

  private static String binary(String content) {
    return "{\"resourceType\":\"Binary\",\"contentType\":\"application/fhir+ndjson\",\"data\":\"%s\"}"
        .formatted(Base64.getEncoder().encodeToString(content.getBytes(UTF_8)));
  }

  private static InputStream repeated(
      AtomicLong read, String first, IntFunction<String> next, int times) {
    return repeated(read, first, next, times, "");
  }

  /** A stream that is made while it is read. */
  private static InputStream repeated(
      AtomicLong read, String first, IntFunction<String> next, int times, String last) {
    Iterator<String> parts =
        Stream.of(Stream.of(first), IntStream.range(0, times).mapToObj(next), Stream.of(last))
            .flatMap(texts -> texts)
            .iterator();
    return new InputStream() {
      private InputStream part = InputStream.nullInputStream();

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int got = part.read(into, offset, length);
        while (got < 0 && parts.hasNext()) {
          part = new ByteArrayInputStream(parts.next().getBytes(UTF_8));
          got = part.read(into, offset, length);
        }
        read.addAndGet(Math.max(got, 0));
        return got;
      }
    };
  }
}
