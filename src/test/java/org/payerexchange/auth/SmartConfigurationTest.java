package org.payerexchange.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.step.TransferException;

/** Which way is taken of those that a server offers. */
class SmartConfigurationTest {
  @ParameterizedTest
  @CsvSource({
    "private_key_jwt tls_client_auth client_secret_basic, KCS, PRIVATE_KEY_JWT",
    "private_key_jwt tls_client_auth client_secret_basic, CS, TLS_CLIENT_AUTH",
    "client_secret_post client_secret_basic, KCS, CLIENT_SECRET_BASIC",
    "client_secret_post client_secret_jwt none, KCS, CLIENT_SECRET_POST",
    "'', KCS, PRIVATE_KEY_JWT",
    "'', S, CLIENT_SECRET_BASIC",
  })
  void itIsTheFirstForWhichThereIsSomething(String offered, String own, TokenAuth way)
      throws Exception {
    assertThat(offering(offered).way(client(TokenAuth.AUTO, own))).isEqualTo(way);
  }

  @ParameterizedTest
  @CsvSource({"private_key_jwt, CS", "none, KCS", "client_secret_basic, KC"})
  void whereThereIsNoneTheKeysAreNamedThatWouldHelp(String offered, String own) throws Exception {
    SmartConfiguration configuration = offering(offered);

    assertThatThrownBy(() -> configuration.way(client(TokenAuth.AUTO, own)))
        .isInstanceOf(TransferException.class)
        .hasMessageContaining("p2p.payers.bison has something: private-key-file, key-store");
  }

  @Test
  void theConfiguredWayIsTakenWhateverIsOffered() throws Exception {
    assertThat(offering("private_key_jwt").way(client(TokenAuth.CLIENT_SECRET_POST, "KCS")))
        .isEqualTo(TokenAuth.CLIENT_SECRET_POST);
  }

  @Test
  void whatCannotBeReadCountsAsAbsent() throws Exception {
    SmartConfiguration odd =
        read(
            """
            {"token_endpoint": {"url": "x"}, "mtls_endpoint_aliases": "none",
             "token_endpoint_auth_methods_supported": "private_key_jwt",
             "token_endpoint_auth_signing_alg_values_supported": [null, 7, " ES384 "]}
            """);

    assertThat(odd.tokenEndpoint()).isEmpty();
    assertThat(odd.tlsTokenEndpoint()).isEmpty();
    assertThat(odd.methods()).contains(TokenAuth.PRIVATE_KEY_JWT, TokenAuth.CLIENT_SECRET_POST);
    assertThat(odd.takes("ES384")).isTrue();
    assertThat(odd.takes("RS384")).isFalse();
    assertThat(read("{}").takes("RS384")).isTrue();
  }

  @Test
  void ofWhatThePayerWritesLittleIsKept() throws Exception {
    String names =
        IntStream.range(0, 1_000)
            .mapToObj(i -> "\"ALG%d\"".formatted(i))
            .collect(Collectors.joining(","));
    SmartConfiguration hostile =
        read(
            """
            {"token_endpoint": "https://h.example/%1$s", "mtls_endpoint_aliases": {"token_endpoint": 7},
             "token_endpoint_auth_methods_supported": ["%1$s", "client_secret_basic"],
             "token_endpoint_auth_signing_alg_values_supported": ["%1$s", "Jane Doe", "RS384", %2$s]}
            """
                .formatted("x".repeat(2_000), names));

    assertThat(hostile.tokenEndpoint()).isEmpty();
    assertThat(hostile.tlsTokenEndpoint()).isEmpty();
    assertThat(hostile.methods()).containsExactly(TokenAuth.CLIENT_SECRET_BASIC);
    assertThat(hostile.algorithms())
        .hasSize(32)
        .contains("RS384")
        .allMatch(algorithm -> algorithm.matches("\\w{4,5}"));
  }

  private static SmartConfiguration offering(String methods) throws Exception {
    return read(
        "{\"token_endpoint_auth_methods_supported\": [%s]}"
            .formatted(methods.isEmpty() ? "" : '"' + methods.replace(" ", "\",\"") + '"'));
  }

  private static SmartConfiguration read(String json) throws Exception {
    return new ObjectMapper().readValue(json, SmartConfiguration.class);
  }

  /** With a key (K), a certificate (C), a secret (S). */
  private static TokenClient client(TokenAuth way, String own) {
    return new TokenClient(
        TokenClient.Kind.PAYER,
        "bison",
        null,
        "client",
        new Credentials(
            new ClientSecret(
                "p2p.payers.bison", own.contains("S") ? "secret" : "", Optional.empty()),
            own.contains("K")
                ? Optional.of(new SigningKey("key", Path.of("key"), "", ""))
                : Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            own.contains("C")),
        way,
        true,
        "",
        TokenExtras.NONE,
        false);
  }
}
