package org.payerexchange.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

class FileAnswerTest {
  @Test
  void nothingIsNoAnswerWhereAPartOfTheFileHasCome() {
    assertThat(answer(204).startsOver(0)).isTrue();
    assertThat(answer(204).startsOver(1)).isFalse();
    assertThat(answer(200).startsOver(1)).isTrue();
  }

  private static FileAnswer answer(int status) {
    return FileAnswer.of(Map.of(Exchange.HTTP_RESPONSE_CODE, status), "source");
  }
}
