package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.payerexchange.intake.Samples.HEADER;
import static org.payerexchange.intake.Samples.REFERENCE_PAGE;
import static org.payerexchange.intake.Samples.ROW;
import static org.payerexchange.intake.Samples.flat;
import static org.payerexchange.intake.Samples.parameters;
import static org.payerexchange.intake.Samples.read;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordReaderTest {

  /** What comes out, one word a record: its form, and {@code !} if it is unreadable. */
  static Stream<Arguments> inputs() {
    String a = flat("a");
    String b = flat("b");
    String p = parameters("p");
    String broken = "{\"payer\":\"bison\",\"memberId\":}";
    String cut = "{\"payer\":\"bison\",\"memberId\":\"m\",\"given\":{";
    String openString = "{\"payer\":\"bison\",\"memberId\":\"m";
    return Stream.of(
        Arguments.of("the reference page's request", REFERENCE_PAGE, "PARAMETERS"),
        Arguments.of("one flat object", a, "FLAT_JSON"),
        Arguments.of("a flat object over many lines", a.replace(",", ",\n  "), "FLAT_JSON"),
        Arguments.of("a byte order mark", "\uFEFF" + a, "FLAT_JSON"),
        Arguments.of("spaces before it", "\n \r\n " + a, "FLAT_JSON"),
        Arguments.of(
            "NDJSON of both forms",
            a + "\n" + p + "\n" + b + "\n",
            "FLAT_JSON PARAMETERS FLAT_JSON"),
        Arguments.of(
            "NDJSON with CRLF and blank lines", a + "\r\n\r\n" + b + "\r\n", "FLAT_JSON FLAT_JSON"),
        Arguments.of("NDJSON without a last line end", a + "\n" + b, "FLAT_JSON FLAT_JSON"),
        Arguments.of("two objects on one line", a + b, "FLAT_JSON FLAT_JSON"),
        Arguments.of(
            "two objects over many lines",
            REFERENCE_PAGE + "\n" + REFERENCE_PAGE,
            "PARAMETERS PARAMETERS"),
        Arguments.of("an array of both forms", "[" + a + "," + p + "]", "FLAT_JSON PARAMETERS"),
        Arguments.of(
            "an array over many lines",
            "[\n" + REFERENCE_PAGE + ",\n" + a + "\n]\n",
            "PARAMETERS FLAT_JSON"),
        Arguments.of(
            "a broken line first",
            broken + "\n" + a + "\n" + b,
            "BROKEN_JSON! FLAT_JSON FLAT_JSON"),
        Arguments.of(
            "a broken line in the middle",
            a + "\n" + broken + "\n" + b,
            "FLAT_JSON BROKEN_JSON! FLAT_JSON"),
        Arguments.of(
            "a cut line first", cut + "\n" + a + "\n" + b, "BROKEN_JSON! FLAT_JSON FLAT_JSON"),
        Arguments.of(
            "a cut line in the middle",
            a + "\n" + cut + "\n" + b,
            "FLAT_JSON BROKEN_JSON! FLAT_JSON"),
        Arguments.of(
            "an open string first",
            openString + "\n" + a + "\n" + b,
            "BROKEN_JSON! FLAT_JSON FLAT_JSON"),
        Arguments.of(
            "an open string in the middle",
            a + "\n" + openString + "\n" + b,
            "FLAT_JSON BROKEN_JSON! FLAT_JSON"),
        Arguments.of("a cut last line", a + "\n" + cut, "FLAT_JSON BROKEN_JSON!"),
        Arguments.of(
            "a line that is no object", a + "\n17\n" + b, "FLAT_JSON BROKEN_JSON! FLAT_JSON"),
        Arguments.of(
            "a broken element",
            "[" + a + "," + broken + "," + b + "]",
            "FLAT_JSON BROKEN_JSON! FLAT_JSON"),
        Arguments.of(
            "a cut element",
            "[" + a + "," + cut + "," + b + "]",
            "FLAT_JSON BROKEN_JSON! FLAT_JSON"),
        Arguments.of(
            "a cut element on a line",
            "[\n" + a + ",\n" + cut + "\n" + b + "\n]",
            "FLAT_JSON BROKEN_JSON! FLAT_JSON"),
        Arguments.of(
            "a cut Parameters before a whole one",
            "[\n" + REFERENCE_PAGE.substring(0, 400) + ",\n" + REFERENCE_PAGE + "]",
            "BROKEN_JSON! PARAMETERS"),
        Arguments.of(
            "an open string in an element",
            "[" + a + ",\n" + openString + "},\n" + b + "]",
            "FLAT_JSON BROKEN_JSON! FLAT_JSON"),
        Arguments.of(
            "elements that are no objects",
            "[1, null, \"x\", [2], " + a + "]",
            "BROKEN_JSON! BROKEN_JSON! BROKEN_JSON! BROKEN_JSON! FLAT_JSON"),
        Arguments.of(
            "an array without an end", "[" + a + "," + b, "FLAT_JSON FLAT_JSON BROKEN_JSON!"),
        Arguments.of("an array cut in an element", "[" + a + "," + cut, "FLAT_JSON BROKEN_JSON!"),
        Arguments.of("an empty array", "[]", "BROKEN_JSON!"),
        Arguments.of("a key twice", a.replace("given", "family"), "BROKEN_JSON!"),
        Arguments.of("CSV", HEADER + "\n" + ROW + "\n" + ROW + "\n", "CSV CSV"),
        Arguments.of("CSV with CRLF and a mark", "\uFEFF" + HEADER + "\r\n" + ROW + "\r\n", "CSV"),
        Arguments.of("CSV without a last line end", HEADER + "\n" + ROW, "CSV"),
        Arguments.of(
            "CSV with quotes",
            HEADER + "\n" + ROW.replace("Marlowe", "\"Marlowe, \"\"M\"\"\nJr\"") + "\n" + ROW,
            "CSV CSV"),
        Arguments.of(
            "CSV with semicolons", HEADER.replace(',', ';') + "\n" + ROW.replace(',', ';'), "CSV"),
        Arguments.of(
            "CSV with blank rows", HEADER + "\n\n" + ROW + "\n,,,,\n" + ROW + "\n\n", "CSV CSV"),
        Arguments.of("CSV with a short row", HEADER + "\nbison,m\n" + ROW, "CSV CSV"),
        Arguments.of("CSV with a long row", HEADER + "\n" + ROW + ",x\n" + ROW, "CSV! CSV"),
        Arguments.of(
            "CSV with an open quote",
            HEADER + "\n" + ROW.replace("Ada", "\"Ada") + "\n" + ROW + "\n" + ROW,
            "CSV! CSV CSV"),
        Arguments.of("CSV with a header alone", HEADER + "\n", "CSV!"),
        Arguments.of("CSV with a column twice", HEADER + ",family\n" + ROW + ",x", "CSV!"),
        Arguments.of("prose", "Dear team, attached are the members.", "UNKNOWN!"),
        Arguments.of("nothing", "", "UNKNOWN!"),
        Arguments.of("spaces", " \r\n\t", "UNKNOWN!"),
        Arguments.of("XML", "<Parameters/>", "UNKNOWN!"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inputs")
  void theFormIsToldByTheContentAndABrokenRecordIsAlone(
      String name, String input, String expected) {
    List<RawRecord> records = read(input);
    assertThat(records)
        .extracting(record -> record.form() + (record.unreadable().isPresent() ? "!" : ""))
        .containsExactly(expected.split(" "));
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).number()).isEqualTo(i + 1);
    }
  }

  @Test
  void bytesThatAreNoTextAreOneUnreadableRecord() {
    byte[] binary = new byte[5000];
    for (int i = 0; i < binary.length; i++) {
      binary[i] = (byte) (i * 31);
    }
    assertThat(read(binary)).singleElement().satisfies(this::isUnreadable);
    assertThat(read(flat("a").getBytes(UTF_16))).singleElement().satisfies(this::isUnreadable);
  }

  @Test
  void aLineInAnotherEncodingIsRejectedAlone() {
    String other = flat("b").replace("Ada", "Zoë");
    byte[] first = (flat("a") + "\n").getBytes(UTF_8);
    byte[] second = (other + "\n").getBytes(ISO_8859_1);
    byte[] third = flat("c").getBytes(UTF_8);
    assertThat(read(join(first, second, third)))
        .extracting(record -> record.unreadable().isPresent())
        .containsExactly(false, true, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s\n%s\n%s\n", "[%s,\n%s,\n%s]"})
  void jsonInAnotherEncodingIsToldByTheEncoding(String frame) {
    String text = frame.formatted(flat("a"), flat("b").replace("Ada", "Zoë"), flat("c"));

    assertThat(read(text.getBytes(ISO_8859_1)).get(1).problem().why()).isEqualTo("is not in UTF-8");
  }

  @Test
  void aRowInAnotherEncodingIsToldByTheEncodingAndRejectedAlone() {
    String text = String.join("\n", HEADER, ROW.replace("Ada", "Zoë"), ROW);

    List<RawRecord> records = read(text.getBytes(ISO_8859_1));

    assertThat(records.get(0).problem().why()).isEqualTo("is not in UTF-8");
    assertThat(records.get(1).unreadable()).isEmpty();
  }

  @Test
  void theOriginalOfARowHasTheHeaderSoThatItCanBeSentAgain() {
    byte[] original = read(HEADER + "\r\n" + ROW + "\r\n").get(0).original().bytes();
    assertThat(read(original))
        .singleElement()
        .satisfies(
            record -> assertThat(record.content().path("family").asText()).isEqualTo("Marlowe"));
  }

  @Test
  void headersAreComparedWithoutCaseAndOtherColumnsArePassedOver() {
    RawRecord record = read("MEMBERID, Colour ,Family\n m-1 ,red, Marlowe\n").get(0);
    assertThat(record.content().toString())
        .isEqualTo("{\"family\":\"Marlowe\",\"memberId\":\"m-1\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[%s,%s,%s]", "%s\n%s\n%s\n", "[\n%s,\n%s,\n%s\n]"})
  void aRecordThatIsTooLongIsRejectedAloneInLittleMemory(String frame) {
    String giant = flat("m".repeat(5_000_000));
    List<RawRecord> records = read(frame.formatted(flat("a"), giant, flat("b")));
    assertThat(records)
        .extracting(record -> record.unreadable().isPresent())
        .containsExactly(false, true, false);
    assertThat(records.get(1).problem().why()).isEqualTo("is longer than 1048576 bytes");
    assertThat(records.get(1).original().length()).isLessThanOrEqualTo(1 << 20);
  }

  @Test
  void aRowThatIsTooLongIsRejectedAlone() {
    List<RawRecord> records = read(HEADER + "\n" + ROW + "x".repeat(3_000_000) + "\n" + ROW + "\n");
    assertThat(records)
        .extracting(record -> record.unreadable().isPresent())
        .containsExactly(true, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "ndjson", "array"})
  void aHundredThousandRecordsAreReadAsTheyAreAskedFor(String form) {
    CountingInput input = new CountingInput(form, 100_000);
    Iterator<RawRecord> records = new RecordReader(1 << 20).read(input);
    long number = 0;
    while (records.hasNext()) {
      RawRecord record = records.next();
      number++;
      assertThat(record.unreadable()).isEmpty();
      if (number == 1) {
        assertThat(input.bytesRead()).isLessThan(3 << 20);
      }
    }
    assertThat(number).isEqualTo(100_000);
  }

  @Test
  void manyBrokenRecordsAreEachRejectedWithoutReadingFarAhead() {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < 2000; i++) {
      text.append(flat("m" + i)).append(",\n{\"payer\":\"bison\",\n");
    }
    List<RawRecord> records = read(text + flat("last") + "]");
    assertThat(records).hasSize(4001);
    assertThat(records.stream().filter(record -> record.unreadable().isPresent())).hasSize(2000);
  }

  @Test
  void batchesAreBoundedAndTheInputIsClosedAtTheEnd() throws IOException {
    boolean[] closed = {false};
    String text = (flat("a") + "\n").repeat(450);
    InputStream input =
        new ByteArrayInputStream(text.getBytes(UTF_8)) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    List<Integer> sizes = new ArrayList<>();
    try (RecordBatches batches = new RecordReader(1 << 20).batches(input, null)) {
      batches.forEachRemaining(batch -> sizes.add(batch.size()));
      assertThat(closed[0]).isTrue();
    }
    assertThat(sizes).containsExactly(200, 200, 50, 0);
  }

  @Test
  void aBodyThatIsNotThereIsOneUnreadableRecord() throws IOException {
    try (RecordBatches batches = new RecordReader(1000).batches(null, null)) {
      assertThat(batches.next()).singleElement().satisfies(this::isUnreadable);
      assertThat(batches.next()).isEmpty();
      assertThat(batches.hasNext()).isFalse();
    }
  }

  private void isUnreadable(RawRecord record) {
    assertThat(record.unreadable()).isPresent();
  }

  private static byte[] join(byte[]... parts) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Makes records up while they are read, and counts the bytes. */
  private static final class CountingInput extends InputStream {
    private final String form;
    private final int records;
    private byte[] current;
    private int position;
    private int record;
    private long bytesRead;

    CountingInput(String form, int records) {
      this.form = form;
      this.records = records;
      current =
          (form.equals("csv") ? HEADER + "\n" : form.equals("array") ? "[" : "").getBytes(UTF_8);
    }

    long bytesRead() {
      return bytesRead;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      while (position == current.length) {
        if (record > records) {
          return -1;
        }
        current = part(record++).getBytes(UTF_8);
        position = 0;
      }
      int count = Math.min(length, current.length - position);
      System.arraycopy(current, position, bytes, offset, count);
      position += count;
      bytesRead += count;
      return count;
    }

    private String part(int number) {
      if (number == records) {
        return form.equals("array") ? "]" : "";
      }
      return switch (form) {
        case "csv" -> ROW + "\n";
        case "ndjson" -> flat("m" + number) + "\n";
        default -> (number == 0 ? "" : ",") + flat("m" + number);
      };
    }
  }
}
