package org.payerexchange.payer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayerUrlsTest {
  private final Payer payer =
      new Payer(
          "bison",
          URI.create("https://gateway.1up.health/v1/bison/"),
          URI.create("https://gateway.1up.health/token"),
          "client",
          "secret",
          "member-match|read",
          Set.of("Gateway.1upCoreDev.com"),
          Set.of("files.example", "other.example:8443"),
          Dialect.ONE_UP,
          8);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://gateway.1up.health/v1/bison/x | https://gateway.1up.health/v1/bison/x",
        "https://GATEWAY.1up.health:443/x | https://GATEWAY.1up.health:443/x",
        "https://gateway.1upcoredev.com/v1/bison/$export/job/1 | https://gateway.1up.health/v1/bison/$export/job/1",
        "http://gateway.1upcoredev.com:8080/a%2Fb%20c?d=%2F | https://gateway.1up.health/a%2Fb%20c?d=%2F",
        "https://files.example/f?sig=a%3D | https://files.example/f?sig=a%3D",
        "https://files.example:9000/f | https://files.example:9000/f",
        "https://other.example:8443/f | https://other.example:8443/f",
        "/v1/bison/job/1 | https://gateway.1up.health/v1/bison/job/1",
        "//gateway.1upcoredev.com/x | https://gateway.1up.health/x",
        "https://gateway.1up.health/x?a=b#part | https://gateway.1up.health/x?a=b",
      })
  void aUrlOfAnAnswerLeadsToThePayerOrToATrustedHost(String url, String called) {
    assertThat(PayerUrls.resolve(payer, url)).hasToString(called);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/x",
        "http://gateway.1up.health/x",
        "https://gateway.1up.health:444/x",
        "https://gateway.1up.health.evil.example/x",
        "https://evil.example\\@gateway.1up.health/x",
        "https://user@gateway.1up.health/x",
        "https://gateway.1up.health@evil.example/x",
        "https://gateway.1up.health:443@evil.example/x",
        "https://gateway.1up.health%2eevil.example/x",
        "https://gateway.1up.health./x",
        "https://gateway.1up.he\u0430lth/x",
        "https:evil.example/x",
        "https:///evil.example/x",
        "//evil.example/x",
        "http://files.example/x",
        "https://other.example/x",
        "file:///etc/passwd",
        "ftp://gateway.1upcoredev.com/x",
      })
  void noOtherHostGetsARequest(String url) {
    assertThatThrownBy(() -> PayerUrls.resolve(payer, url))
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> assertThat(e.reason()).isIn(FailureReason.FOREIGN_HOST, FailureReason.BAD_ANSWER));
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "https://[broken/x", "https://gateway.1up.health/%zz"})
  void whatIsNoUrlIsABadAnswer(String url) {
    assertThatThrownBy(() -> PayerUrls.resolve(payer, url))
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> assertThat(e.reason()).isEqualTo(FailureReason.BAD_ANSWER));
  }

  @Test
  void onlyWhatNoUrlMayHoldIsEscaped() {
    assertThat(PayerUrls.resolve(payer, "https://gateway.1up.health/a b|{{env:HOME}}é?x=~'()"))
        .hasToString("https://gateway.1up.health/a%20b%7C%7B%7Benv:HOME%7D%7D%C3%A9?x=~'()");
  }

  @Test
  void theManifestDecidesAboutTheTokenAndWithoutAWordTheOrigin() {
    URI home = URI.create("https://gateway.1up.health/f");
    URI trusted = URI.create("https://files.example/f");
    assertThat(PayerUrls.sendsToken(payer, home, null)).isTrue();
    assertThat(PayerUrls.sendsToken(payer, trusted, null)).isFalse();
    assertThat(PayerUrls.sendsToken(payer, home, false)).isFalse();
    assertThat(PayerUrls.sendsToken(payer, trusted, true)).isTrue();
  }

  @Test
  void aPayersCredentialsAreNotPrinted() {
    assertThat(payer.toString()).doesNotContain("secret", "client");
    assertThat(payer.baseUrl()).hasToString("https://gateway.1up.health/v1/bison");
  }
}
