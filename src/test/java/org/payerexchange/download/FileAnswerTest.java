package org.payerexchange.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileAnswerTest {
  @Test
  void nothingIsNoAnswerWhereAPartOfTheFileHasCome() {
    assertThat(answer(204).startsOver(0)).isTrue();
    assertThat(answer(204).startsOver(1)).isFalse();
    assertThat(answer(200).startsOver(1)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes 0-10/10", "bytes 5-4/10", "bytes */10", "0-9/10", ""})
  void aRangeThatContradictsItselfIsNoPlaceInTheFile(String range) {
    FileAnswer answer =
        FileAnswer.of(
            Map.of(Exchange.HTTP_RESPONSE_CODE, 206, "Content-Range", range, "Content-Length", 10),
            "source");

    assertThat(answer.startsOver(0)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "bytes */500, -1, '\"v1\"', true",
    "bytes */500, 500, '', true",
    "bytes */500, 900, '\"v1\"', false",
    "bytes */500, -1, '\"v2\"', false",
    "bytes */900, -1, '\"v1\"', false",
    "'', -1, '\"v1\"', false"
  })
  void nothingIsBehindAPartOnlyWhereItIsAllOfTheSameFile(
      String range, long total, String tag, boolean ends) {
    FileAnswer answer =
        FileAnswer.of(
            Map.of(Exchange.HTTP_RESPONSE_CODE, 416, "Content-Range", range, "ETag", tag),
            "source");
    PartialFile.Note part = new PartialFile.Note("\"v1\"", total, true, "source", Duration.ZERO, 0);

    assertThat(answer.continues(500, Optional.of(part))).isEqualTo(ends);
  }

  private static FileAnswer answer(int status) {
    return FileAnswer.of(Map.of(Exchange.HTTP_RESPONSE_CODE, status), "source");
  }
}
