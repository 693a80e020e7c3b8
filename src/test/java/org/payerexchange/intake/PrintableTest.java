package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
  private static final String ESCAPE = Character.toString(27);
  private static final String LEFT_TO_RIGHT_OVERRIDE = Character.toString(0x202E);
  private static final String UNREADABLE = Character.toString(0xFFFD);

  @Test
  void whatShowsStaysAsItIs() {
    assertThat(Printable.text("bison/Müller 2026 (1).csv")).isEqualTo("bison/Müller 2026 (1).csv");
  }

  @Test
  void whatWouldNotShowOrChangeHowTheRestShowsIsEscaped() {
    assertThat(Printable.text("a\nb" + ESCAPE + "[31m" + LEFT_TO_RIGHT_OVERRIDE + UNREADABLE))
        .isEqualTo("a\\u000Ab\\u001B[31m\\u202E\\uFFFD");
  }
}
