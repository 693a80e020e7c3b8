package org.payerexchange.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerJsonTest {
  private final AnswerJson answers = new AnswerJson();

  @ParameterizedTest
  @ValueSource(strings = {" \r\n{\"status\": \"Running\"}", "\uFEFF{}", "{\"cut"})
  void anObjectIsHandedOnAsItIs(String text) {
    byte[] body = text.getBytes(UTF_8);

    assertThat(answers.objectOf(body)).isSameAs(body);
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {" \n ", "Accepted", "<html>{}</html>", "[{}]"})
  void anythingElseCountsAsAnEmptyObject(String body) {
    assertThat(answers.objectOf(body == null ? null : body.getBytes(UTF_8)))
        .asString(UTF_8)
        .isEqualTo("{}");
  }
}
