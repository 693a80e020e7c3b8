package org.payerexchange.payer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.PlainPayer;

/** Payers behind a proxy that changes the path. */
class AliasBaseTest {
  private static final String BASE = "https://api.payer.example/p2p/r4";
  private static final String BASES =
      "hapi.internal:8080/fhir/, hapi.internal/fhir/deep, http://root.internal,"
          + "api.payer.example/fhir, http://api.payer.example:9000/p2p/r4/old,"
          + "hapi_fhir/fhir, http://hapi_2:8080/fhir";

  private final Payer payer = payer(BASE, BASES, Set.of(), Set.of("hapi.internal:8080"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://hapi.internal:8080/fhir/$export/job/1?_jobId=7%2F8 | $export/job/1?_jobId=7%2F8",
        "https://HAPI.internal:8080/fhir/a%2Fb%20c;v=1//d?d=%2F.. | a%2Fb%20c;v=1//d?d=%2F..",
        "http://hapi.internal:8080/fhir/...hidden/.well-known/a..b | ...hidden/.well-known/a..b",
        "http://hapi.internal:8080/fhir/deep/er | er",
        "http://hapi.internal:9999/fhir/deep/er | er",
        "http://root.internal/Patient/1 | Patient/1",
        "http://HAPI_fhir/fhir/Patient/1 | Patient/1",
        "http://hapi_2:8080/fhir/x | x",
        "https://root.internal:80/fhir/x | fhir/x",
        "/fhir/$export/job/1 | $export/job/1",
        "http://api.payer.example/fhir/Patient/1#part | Patient/1",
        "http://api.payer.example:9000/p2p/r4/old/x | x",
      })
  void whatIsBelowAnAliasBaseIsCalledBelowTheBaseUrl(String url, String called) {
    URI resolved = PayerUrls.resolve(payer, url);

    assertThat(resolved).hasToString(BASE + "/" + called);
    assertThat(PayerUrls.resolve(payer, resolved.toString())).isEqualTo(resolved);
    assertThat(PayerUrls.sendsToken(payer, resolved, null)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "http://hapi.internal:8080/fhir, https://api.payer.example/p2p/r4",
    "http://hapi.internal:8080/fhir?page=2, https://api.payer.example/p2p/r4?page=2",
    "http://root.internal, https://api.payer.example/p2p/r4",
    "https://api.payer.example/p2p/r4/fhir/x, https://api.payer.example/p2p/r4/fhir/x",
    "https://api.payer.example/p2p/r4/old/x, https://api.payer.example/p2p/r4/old/x",
    "https://api.payer.example/fhirs/x, https://api.payer.example/fhirs/x",
    "https://api.payer.example/fhir/../x, https://api.payer.example/fhir/../x",
  })
  void theBaseItselfIsTheBaseUrlAndWhatIsNotBelowItStaysAsItWas(String url, String called) {
    assertThat(PayerUrls.resolve(payer, url)).hasToString(called);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://hapi.internal:8080/",
        "http://hapi_fhir/other",
        "http://hapi_2/fhir/x",
        "http://hapi.internal:8080/admin",
        "http://hapi.internal:8080/fhirs/x",
        "http://hapi.internal:8080/FHIR/x",
        "http://hapi.internal:8080//fhir/x",
        "http://hapi.internal:8080/fhir;v=1/x",
        "http://hapi.internal:8080/fhir%2Fx",
        "http://hapi.internal:8080/fhi%72/x",
        "http://hapi.internal:8081/fhir/x",
        "http://hapi.internal.evil.example:8080/fhir/x",
        "https://root.internal/Patient/1",
        "http://hapi.internal:8080/fhir/..",
        "http://hapi.internal:8080/fhir/../admin",
        "http://hapi.internal:8080/fhir/./x",
        "http://hapi.internal:8080/fhir/a/../../../admin",
        "http://hapi.internal:8080/fhir/%2e%2E/admin",
        "http://hapi.internal:8080/fhir/.%2e/admin",
        "http://hapi.internal:8080/fhir/..%2Fadmin",
        "http://hapi.internal:8080/fhir/a%2f..%5cadmin",
        "http://hapi.internal:8080/fhir/..;v=1/admin",
        "http://hapi.internal:8080/fhir/..%3Bv/admin",
        "http://hapi.internal:8080/fhir/%252e%252e/admin",
        "http://hapi.internal:8080/fhir/..%25252fadmin",
        "http://hapi.internal:8080/../fhir/x",
      })
  void anAliasBaseLeadsNowhereFromAnotherPathOfItsHost(String url) {
    assertForeign(payer(BASE, BASES, Set.of(), Set.of()), url);
  }

  @Test
  void onAHostThatIsAnAliasAsWellTheOtherPathsStayUntouched() {
    Payer both = payer(BASE, "hapi.internal:8080/fhir", Set.of("hapi.internal"), Set.of());

    assertThat(PayerUrls.resolve(both, "http://hapi.internal:8080/fhir/x"))
        .hasToString(BASE + "/x");
    assertThat(PayerUrls.resolve(both, "http://hapi.internal:8080/files/x"))
        .hasToString("https://api.payer.example/files/x");
  }

  @Test
  void onAnOriginThatIsTrustedAsWellTheOtherPathsAreCalledAsTheyStand() {
    Payer plain =
        payer("http://127.0.0.1:1/p2p", "127.0.0.1:2/fhir", Set.of(), Set.of("127.0.0.1:2"));

    assertThat(PayerUrls.resolve(plain, "http://127.0.0.1:2/fhir/x"))
        .hasToString("http://127.0.0.1:1/p2p/x");
    assertThat(PayerUrls.resolve(plain, "http://127.0.0.1:2/files/x"))
        .hasToString("http://127.0.0.1:2/files/x");
  }

  @ParameterizedTest
  @CsvSource({
    "http://hapi.internal:8080/fhir/, true",
    "HTTP://Hapi.internal:8080/fhir/, true",
    "http://root.internal/, true",
    "https://api.payer.example/fhir/, true",
    "https://api.payer.example/p2p/r4/, true",
    "http://hapi.internal:8080/fhir/other/, false",
    "http://hapi.internal:8080/, false",
    "http://hapi.internal:8080/fhir/../fhir/, false",
    "https://api.payer.example/, false",
  })
  void aReferenceBelowAnAliasBaseIsThePayersOwn(String prefix, boolean own) {
    assertThat(PayerUrls.isBase(payer, prefix)).isEqualTo(own);
  }

  @Test
  void itsOwnTokenEndpointIsFoundBelowAnAliasBase() {
    assertThat(DiscoveryPeer.of(payer).resolve("http://hapi.internal:8080/fhir/token"))
        .hasToString(BASE + "/token");
  }

  @Test
  void aRedirectFromHttpsToAnAliasBaseOfAPlainBaseUrlIsNotFollowed() {
    Payer plain = payer("http://127.0.0.1:1/p2p", "127.0.0.1:2/fhir", Set.of(), Set.of());

    assertThatThrownBy(
            () ->
                PayerUrls.resolve(
                    plain, URI.create("https://files.example/x"), "http://127.0.0.1:2/fhir/x"))
        .hasMessageContaining("a redirect from https to http is never followed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user:s3cret@hapi.internal/fhir",
        "https://user:s3cret@hapi.internal/fhir",
        "user:p@s3cret@hapi.internal/fhir",
        "s3cret@hapi.internal/fhir"
      })
  void aPasswordThatStandsInAnEntryIsNotTold(String entry) {
    assertThatThrownBy(() -> AliasBase.listOf(entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("@hapi.internal/fhir'")
        .hasMessageNotContaining("s3cret");
    assertThatThrownBy(() -> payer("https://payer.example", "", Set.of(entry), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must hold host or host:port")
        .hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*.internal/fhir",
        "hapi.internal/fhir?x=1",
        "hapi.internal/fhir#x",
        "hapi.internal/../fhir",
        "hapi.internal/fhir/%2e%2e",
        "ftp://hapi.internal/fhir",
        "/fhir",
        "a b",
      })
  void anEntryThatIsNoBaseIsAnError(String entry) {
    assertThatThrownBy(() -> AliasBase.listOf("hapi.internal, " + entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("must hold host/path, host:port/path or URLs")
        .hasMessageEndingWith("not '%s'", entry);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        BASE,
        "api.payer.example/p2p/r4/fhir",
        "https://api.payer.example/p2p/r4/",
        "api.payer.example:443/p2p/r4/x"
      })
  void anEntryThatWouldNeverCountIsAnErrorThatNamesTheKey(String entry) {
    assertThatThrownBy(() -> payer(BASE, entry, Set.of(), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "p2p.payers.bison.alias-bases must not hold what is below base-url");
  }

  private static void assertForeign(Payer payer, String url) {
    assertThatThrownBy(() -> PayerUrls.resolve(payer, url))
        .isInstanceOfSatisfying(
            TransferException.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.FOREIGN_HOST))
        .hasMessageContaining("p2p.payers.bison.alias-bases");
  }

  private static Payer payer(
      String baseUrl, String bases, Set<String> aliasHosts, Set<String> trusted) {
    Payer plain =
        PlainPayer.of(
            "bison",
            URI.create(baseUrl),
            URI.create("https://api.payer.example/token"),
            "client",
            "secret",
            "",
            aliasHosts,
            trusted,
            new OneUp(),
            8);
    return new Payer(
        plain.client(),
        plain.baseUrl(),
        plain.aliasHosts(),
        AliasBase.listOf(bases),
        plain.trustedHosts(),
        plain.dialect(),
        plain.maxParallelRequests(),
        plain.extraHeaders(),
        plain.tokenOnFiles(),
        false,
        plain.limits());
  }
}
