package org.payerexchange.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClearTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://gateway.example/x",
        "http://localhost:8080/x",
        "HTTP://LOCALHOST/x",
        "http://127.0.0.1/x",
        "http://127.255.3.4:80/x",
        "http://[::1]:8080/x",
        "http://[0:0:0:0:0:0:0:1]/x"
      })
  void tlsAndThisMachineItselfAreHeardByNobody(String url) {
    assertThat(ClearText.leavesThisMachine(URI.create(url))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://gateway.example/x",
        "http://localhost.example/x",
        "http://127.0.0.1.example/x",
        "http://128.0.0.1/x",
        "http://10.0.0.1/x",
        "http://0.0.0.0/x",
        "http://[::2]/x",
        "http://[::ffff:10.0.0.1]/x",
        "Http://gateway.example/x"
      })
  void anyOtherHostIsReachedOverANetwork(String url) {
    assertThat(ClearText.leavesThisMachine(URI.create(url))).isTrue();
  }
}
