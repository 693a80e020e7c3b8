package org.payerexchange.payer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtraHeadersTest {

  @Test
  void eachHeaderIsReadWithItsValue() {
    assertThat(
            ExtraHeaders.of(" environment:test ;X-Api-Key: a:b=c d; Prefer: respond-async, x=2.2;")
                .values())
        .containsOnly(
            entry("environment", "test"),
            entry("X-Api-Key", "a:b=c d"),
            entry("Prefer", "respond-async, x=2.2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"secret", "X-Key", ": secret", "X Key: secret", "X-Key: ", "X-Key: sécret"})
  void whatIsNoHeaderIsRefusedWithoutItsValue(String text) {
    assertThatThrownBy(() -> ExtraHeaders.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be like 'Name: value; Name2: value'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorization", "Host", "Accept", "CamelHttpUri", "Payer-Exchange-Peer"})
  void whatARequestHasOfItselfIsNotToBeSet(String name) {
    assertThatThrownBy(() -> ExtraHeaders.of(name + ": secret"))
        .hasMessage("the header %s is not to be set".formatted(name));
  }

  @Test
  void aHeaderThatIsThereTwiceIsRefused() {
    assertThatThrownBy(() -> ExtraHeaders.of("X-Key: 1; x-key: 2")).hasMessage("has x-key twice");
  }

  @Test
  void valuesMayBeSecretsAndAreNotPrinted() {
    assertThat(ExtraHeaders.of("X-Key: secret")).hasToString("ExtraHeaders[X-Key]");
  }
}
