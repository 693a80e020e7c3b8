package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.payerexchange.intake.Samples.REFERENCE_PAGE;
import static org.payerexchange.intake.Samples.flat;
import static org.payerexchange.intake.Samples.parameters;
import static org.payerexchange.intake.Samples.read;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonRecordsTest {
  private static final int MANY_BYTES = 2 << 20;

  static Stream<Arguments> brokenInputs() {
    String level = "{\"x\":\n";
    String nested = level.repeat(99) + "1" + "}".repeat(99) + "\n";
    return Stream.of(
        Arguments.of("open braces", "{"),
        Arguments.of("open braces, each on its line", "{\n"),
        Arguments.of("objects in objects", nested),
        Arguments.of("open strings", "{\"payer\":\"\n"),
        Arguments.of("quotes", "{\"\"\""),
        Arguments.of("brackets that do not pair", "{]"),
        Arguments.of("open arrays", "["));
  }

  /** What took time by the square of its length would take hours here. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenInputs")
  void brokenTextIsReadInOnePass(String name, String piece) {
    for (String frame : List.of("%s", "[%s")) {
      byte[] input = frame.formatted(piece.repeat(MANY_BYTES / piece.length())).getBytes(US_ASCII);
      List<RawRecord> records = assertTimeoutPreemptively(Duration.ofMinutes(4), () -> read(input));
      assertThat(records.isEmpty()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", ","})
  void brokenRecordsBetweenGoodOnesCostNoMoreThanTheirLength(String between) {
    String pair = "{\"payer\":\"bison\"," + between + "{\"payer\":\"otter\"}" + between;
    String input = (between.equals(",") ? "[" : "") + pair.repeat((1 << 21) / pair.length());
    List<RawRecord> records = assertTimeoutPreemptively(Duration.ofMinutes(4), () -> read(input));
    assertThat(records.stream().filter(record -> record.unreadable().isEmpty()).count())
        .isEqualTo((1 << 21) / pair.length());
  }

  @Test
  void recordsOverManyLinesAreFoundBehindABrokenOne() {
    String broken = REFERENCE_PAGE.substring(0, 300) + "\n";
    assertThat(read(broken + REFERENCE_PAGE + REFERENCE_PAGE))
        .extracting(RawRecord::form)
        .containsExactly(RecordForm.BROKEN_JSON, RecordForm.PARAMETERS, RecordForm.PARAMETERS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e99999999999", "1e999999999", "1e-2147483648", "-0.0", "1E5", "1.50"})
  void aNumberIsKeptAsItIsWritten(String number) {
    String record = flat("a").replace("{", "{\"n\":" + number + ",");
    assertThat(JsonObjects.write(read(record).get(0).content())).contains("\"n\":" + number + ",");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[A,B]\n[C]\n",
        "[A,B][C]",
        "A\n[B,C]\n",
        "[A]\nB\nC\n",
        "[\np1,\nB\n]\n[]\nC",
        "A,\nB,\nC,\n",
        "A\n\uFEFFB\n\uFEFF\n\uFEFFC",
        "A\nB+C\n",
        "A\nB\uFEFFC",
        "A\nB, [C]\n",
        "A+B+C",
        "\uFEFFp1\uFEFFp2\uFEFF[C]"
      })
  void whatWasJoinedFromSeveralFilesIsReadWhole(String joined) {
    String text =
        joined
            .replace("p1", REFERENCE_PAGE)
            .replace("p2", REFERENCE_PAGE.replace("member-1", "member-2"))
            .replaceAll("\\b([ABC])\\b\\+?", flat("$1"));
    assertThat(read(text)).hasSize(3).allMatch(record -> record.unreadable().isEmpty());
  }

  @Test
  void recordsOfALineAreTakenThoughTheLineIsLongerThanARecordMayBe() throws IOException {
    String record = flat("A");
    byte[] text = (record + "\n" + record.repeat(9) + "\n" + record).getBytes(UTF_8);
    JsonRecords records =
        new JsonRecords(
            new PushbackInputStream(new ByteArrayInputStream(text), 1 << 16), 2 * record.length());

    for (int number = 1; number <= 11; number++) {
      assertThat(records.next(number).unreadable()).as("record %s", number).isEmpty();
    }
    assertThat(records.next(12)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]{}", "{},"})
  void aLineOfManyObjectsIsNotReadAnewForEach(String one) throws IOException {
    int count = 20_000;
    LongAdder bytes = new LongAdder();
    InputStream text = new ByteArrayInputStream(one.repeat(count).getBytes(UTF_8));
    JsonRecords records =
        new JsonRecords(
            new PushbackInputStream(text, 1 << 20) {
              @Override
              public int read() throws IOException {
                bytes.increment();
                return super.read();
              }

              @Override
              public int read(byte[] to, int from, int length) throws IOException {
                bytes.add(length);
                return super.read(to, from, length);
              }
            },
            1 << 19);

    for (int number = 1; number <= count; number++) {
      assertThat(records.next(number)).isNotNull();
    }
    assertThat(bytes.sum()).isLessThan(10L * count * one.length());
  }

  @Test
  void aRecordWithTooManyTokensIsToldSo() {
    String record = "{\"n\":[" + "1,".repeat(300_000) + "1]}";
    assertThat(read(record))
        .singleElement()
        .satisfies(
            raw ->
                assertThat(raw.problem().why())
                    .isEqualTo("is nested too deep, or has too many or too long JSON tokens"));
  }

  @Test
  void anInputWithoutAnyObjectIsToldSoAndKeptWhole() {
    assertThat(read("[ ]\n[]\n"))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.problem().text())
                  .isEqualTo("the record is missing: the JSON holds no object");
              assertThat(record.open()).isTrue();
              assertThat(record.original().isBeginning()).isTrue();
            });
  }

  @Test
  void whatEndsWithTheInputIsMarked() {
    String cut = "{\"payer\":\"bison\",";
    assertThat(read(flat("a") + "\n" + cut))
        .extracting(RawRecord::open)
        .containsExactly(false, true);
    assertThat(read("[" + flat("a") + "," + cut))
        .extracting(RawRecord::open)
        .containsExactly(false, true);
    assertThat(read("[" + flat("a"))).extracting(RawRecord::open).containsExactly(false, true);
    assertThat(read(flat("a"))).noneMatch(RawRecord::open);
    assertThat(read(cut + "\n" + flat("a"))).noneMatch(RawRecord::open);
  }

  @Test
  void aMemberBundleIsARecordOfItsOwn() {
    String parts = parameters("m").replaceAll("^.*?\"parameter\": \\[(.*)\\]\\}$", "$1");
    String bundle = "{\"name\":\"MemberBundle\",\"part\":[" + parts + "]}";
    String payer = "{\"name\":\"payer\",\"valueString\":\"bison\"}";
    List<RawRecord> records =
        read(
            "{\"resourceType\":\"Parameters\",\"parameter\":[%s,%s,%s]}"
                .formatted(bundle, payer, bundle));
    assertThat(records)
        .hasSize(2)
        .allSatisfy(
            record -> {
              assertThat(record.content().at("/parameter/0/valueString").asText())
                  .isEqualTo("bison");
              assertThat(record.content().at("/parameter/1/name").asText())
                  .isEqualTo("MemberPatient");
              assertThat(record.content().path("parameter")).hasSize(4);
              assertThat(read(record.original().bytes())).hasSize(1);
            });
  }

  @Test
  void halfACharacterInAMemberBundleIsReadLikeAnyOtherText() {
    List<RawRecord> records =
        read(
            """
            {"parameter":[{"name":"MemberBundle","part":[
              {"name":"MemberPatient","resource":{"name":[{"family":"\\ud800"}]}}]}]}""");
    assertThat(records).singleElement().matches(record -> record.unreadable().isEmpty());
  }
}
