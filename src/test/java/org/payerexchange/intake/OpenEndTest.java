package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of an input that may still grow. Line ends are written as bars. */
class OpenEndTest {

  @ParameterizedTest
  @CsvSource({
    "'payer,memberId|bison,m-1|bison,m-2|', 1 2, true",
    "'payer,memberId|bison,m-1|bison,m-2', 1, false",
    "'payer,memberId|bison,m-1|bis', 1, false",
    "'payer,memberId|bison,m-1|bison,\"m', 1, false",
    "'payer,memberId|', '', false",
    "'payer,mem', '', false",
    "'', '', false",
    "'{\"memberId\":\"m-1\"}', 1, true",
    "'{\"memberId\":\"m-1\"', '', false",
    "'{\"memberId\":\"m-1\"}|{\"memberId\":\"m-2\"}', 1 2, true",
    "'{\"memberId\":\"m-1\"}|{\"memberId\":', 1, false",
    "'[{\"memberId\":\"m-1\"},{\"memberId\":\"m-2\"}]', 1 2, true",
    "'[{\"memberId\":\"m-1\"},{\"memberId\":\"m-2\"}', 1 2, false",
    "'[{\"memberId\":\"m-1\"},', 1, false",
    "'neither JSON nor CSV', '', false"
  })
  void aLastRecordThatMayGoOnIsLeftOutAndAskedFor(String text, String numbers, boolean whole) {
    byte[] bytes = text.replace('|', '\n').getBytes(UTF_8);
    List<String> asked = new ArrayList<>();
    RecordBatches batches =
        new RecordReader(1 << 16)
            .batches(
                new ByteArrayInputStream(bytes),
                () -> {
                  asked.add("end");
                  return false;
                });
    List<String> read = new ArrayList<>();
    batches.forEachRemaining(
        batch -> batch.forEach(record -> read.add(Long.toString(record.number()))));

    assertThat(String.join(" ", read)).isEqualTo(numbers);
    assertThat(asked.isEmpty()).isEqualTo(whole);
  }
}
