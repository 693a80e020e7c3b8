package org.payerexchange.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathSegmentTest {

  @ParameterizedTest
  @CsvSource({"cmk1cuald0005l701sdo7gs8c, cmk1cuald0005l701sdo7gs8c", "a:b|c;d, a%3Ab%7Cc%3Bd"})
  void anIdIsEncodedForItsSegment(String id, String segment) {
    assertThat(PathSegment.encoded(id)).isEqualTo(segment);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "", ".", "..", "a/b", "../x", "a\\b", "a?b", "a#b", "%2e%2e", "a b", "a\nb", "ä", "a\u0000"
      })
  void whatCouldLeaveTheSegmentIsRefused(String id) {
    assertThat(PathSegment.isSafe(id)).isFalse();
    assertThatThrownBy(() -> PathSegment.encoded(id)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anIdIsNoLongerThanAnyPayersIdIs() {
    assertThat(PathSegment.isSafe("a".repeat(128))).isTrue();
    assertThat(PathSegment.isSafe("a".repeat(129))).isFalse();
  }
}
