package org.payerexchange.payer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.PlainPayer;

class PayerUrlsTest {
  private final Payer payer =
      PlainPayer.of(
          "bison",
          URI.create("https://gateway.1up.health/v1/bison/"),
          URI.create("https://gateway.1up.health/token"),
          "client",
          "secret",
          "member-match|read",
          Set.of("Gateway.1upCoreDev.com"),
          Set.of(
              "files.example",
              "other.example:8443",
              "gateway.1up.health:8444",
              "https://Pasted.example/"),
          new OneUp(),
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
        "http://gateway.1up.health/v1/bison/$export/job/1?a=%2F | https://gateway.1up.health/v1/bison/$export/job/1?a=%2F",
        "http://gateway.1up.health:8080/x | https://gateway.1up.health/x",
        "https://gateway.1up.health:444/x | https://gateway.1up.health/x",
        "https://gateway.1up.health:8444/x | https://gateway.1up.health:8444/x",
        "http://gateway.1up.health:8444/x | https://gateway.1up.health/x",
        "https://pasted.example/f | https://pasted.example/f",
        "'#part' | https://gateway.1up.health/v1/bison",
        "/x#a#b | https://gateway.1up.health/x",
      })
  void aUrlOfAnAnswerLeadsToThePayerOrToATrustedHost(String url, String called) {
    assertThat(PayerUrls.resolve(payer, url)).hasToString(called);
  }

  @ParameterizedTest
  @CsvSource({
    "files/1, https://gateway.1up.health/files/1",
    "x.example/1, https://gateway.1up.health/x.example/1",
    "?job=2, https://gateway.1up.health/?job=2",
    "/f/1, https://gateway.1up.health/f/1"
  })
  void aRelativeUrlIsAPathOfItsHostAlsoWhereTheHostWasAskedWithoutOne(String url, String called) {
    assertThat(PayerUrls.resolve(payer, URI.create("https://gateway.1up.health?job=1"), url))
        .hasToString(called);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/x",
        "https://pasted.example:444/f",
        "http://other.example:8443/f",
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
        "https://evil_host/x",
        "https://user@evil_host/x",
        "https://gateway.1up.health@evil_host/x",
        "https://evil_host%2egateway.1up.health/x",
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
  @ValueSource(
      strings = {
        " ",
        "https://[broken/x",
        "https://gateway.1up.health/%zz",
        "https://#x",
        "HTTP://#",
        "//#x",
        "https: #x"
      })
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
  void thePayersOwnOriginIsCalledOverHttpWhereItsBaseUrlIsHttp() {
    Payer plain = plain("http://gateway.example:8080/v1", true);

    assertThat(PayerUrls.resolve(plain, "https://gateway.example/x"))
        .hasToString("http://gateway.example:8080/x");
    assertThat(PayerUrls.resolve(plain, "http://files.example/x"))
        .hasToString("http://files.example/x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://new.example/f", "https://new.example:9000/f"})
  void addingWhatTheMessageAdvisesToTheTrustedHostsHelps(String url) {
    String advised = advice(url, "trusted-hosts");

    assertThat(PayerUrls.resolve(payer("https://h.example", Set.of(), Set.of(advised)), url))
        .hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://new.example/f",
        "https://new.example:9000/f",
        "http://new.example/f",
        "http://hapi_fhir/f",
        "https://HAPI_fhir_1:8080/f",
        "https://my_files.store.example:/f"
      })
  void addingWhatTheMessageAdvisesToTheAliasHostsHelps(String url) {
    String advised = advice(url, "alias-hosts");

    assertThat(PayerUrls.resolve(payer("https://h.example", Set.of(advised), Set.of()), url))
        .hasToString("https://h.example/f");
  }

  @Test
  void aTrustedHostIsNotAdvisedWhereItWouldNotHelp() {
    assertThat(message("http://new.example/f")).doesNotContain("trusted-hosts");
    assertThat(message("https://new_files.example/f"))
        .doesNotContain("trusted-hosts")
        .contains("a host with an underscore is never called");
  }

  /** {@link URI} sees no host in such a name. */
  @Test
  void aHostWithAnUnderscoreThatWouldHaveToBeCalledIsRefusedInWords() {
    assertThatThrownBy(() -> payer("https://hapi_fhir:8443/fhir", Set.of(), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("p2p.payers.bison.")
        .hasMessageContaining("underscore");
    assertThatThrownBy(() -> payer("https://h.example", Set.of(), Set.of("my_files.example")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("p2p.payers.bison.trusted-hosts")
        .hasMessageContaining("underscore");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*.example", "https://files.example/path", "a b", "user@files.example"})
  void anEntryThatNamesNoHostIsAnErrorThatNamesTheKey(String entry) {
    assertThatThrownBy(() -> payer("https://h.example", Set.of(), Set.of(entry)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("p2p.payers.bison.trusted-hosts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0f",
        "AWSAccessKeyId=A&Expires=1&Signature=0f",
        "sv=2024-08-04&sr=b&sig=a%3D",
        "X-Goog-Signature=0f",
        "GoogleAccessId=a&Expires=1&Signature=0f",
        "Policy=e&Key-Pair-Id=K",
      })
  void aSignedUrlNeverCarriesTheToken(String query) {
    URI signed = URI.create("https://gateway.1up.health/f?" + query);

    assertThat(PayerUrls.isSigned(signed)).isTrue();
    assertThat(PayerUrls.sendsToken(payer, signed, true)).isFalse();
    assertThat(PayerUrls.sendsToken(payer, signed, null)).isFalse();
    assertThat(PayerUrls.unsigned(signed.toString())).isEqualTo("https://gateway.1up.health/f");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "file=a&X-Amz-Date=1&X-Amz-Signature=0f&v=2 | file=a&v=2",
        "file=a&response-content-type=x&AWSAccessKeyId=A&Expires=1&Signature=0f | file=a&response-content-type=x",
        "sv=2024-08-04&snapshot=3&sr=b&sp=r&se=1&st=1&sig=a%3D | snapshot=3",
        "st=a&sr=b&Expires=1&Signature=0f | st=a&sr=b",
        "generation=5&X-Goog-Expires=9&X-Goog-Signature=0f | generation=5",
        "generation=5&GoogleAccessId=a&Expires=1&Signature=0f | generation=5",
        "id=1&Policy=e&Key-Pair-Id=K&Signature=x | id=1",
      })
  void whatTellsFilesApartIsNoPartOfASignature(String query, String rest) {
    assertThat(PayerUrls.unsigned("https://gateway.1up.health/f?" + query))
        .isEqualTo("https://gateway.1up.health/f?" + rest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"?_jobId=1&design=a", "?Expires=1&sv=2&policy=3", "?signed=no", "?file=3", ""})
  void anyOtherUrlIsNotSigned(String query) {
    String url = "https://gateway.1up.health/sig=1/f" + query;

    assertThat(PayerUrls.isSigned(URI.create(url))).isFalse();
    assertThat(PayerUrls.unsigned(url)).isEqualTo(url);
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

  @ParameterizedTest
  @CsvSource({
    "https://gateway.1up.health:8443/token, https://gateway.1up.health:8443/token",
    "https://gateway.1up.health:8444/token, https://gateway.1up.health:8444/token",
    "http://gateway.1up.health:8443/token, https://gateway.1up.health/token",
    "https://gateway.1upcoredev.com:8443/token, https://gateway.1up.health/token",
    "token, https://gateway.1up.health/v1/bison/token",
  })
  void aTokenEndpointOnThePayersOwnHostIsCalledAtThePortThatIsNamed(String url, String called) {
    assertThat(DiscoveryPeer.of(payer).resolve(url)).hasToString(called);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example:8443/token", "https://h.1up.health:8443/token"})
  void aTokenEndpointOnAnotherHostIsCalledAtNoPort(String url) {
    assertThatThrownBy(() -> DiscoveryPeer.of(payer).resolve(url))
        .isInstanceOf(TransferException.class);
  }

  /** What took time by the square of its length would take many minutes here. */
  @Test
  void whatIsLongerThanAnyUrlIsNone() {
    String url = "a/".repeat(1 << 21) + "../".repeat(1 << 21);
    assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () ->
            assertThatThrownBy(() -> PayerUrls.resolve(payer, url))
                .isInstanceOfSatisfying(
                    TransferException.class,
                    failure -> assertThat(failure.reason()).isEqualTo(FailureReason.BAD_ANSWER)));
  }

  /** Java writes these in small letters by the square of their number. */
  @Test
  void aReferenceIsComparedInOnePass() {
    assertThat(
            assertTimeoutPreemptively(
                Duration.ofMinutes(1), () -> PayerUrls.isBase(payer, "Σ".repeat(1 << 20))))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "MANIFEST, https://gateway.1up.health/f, true, true",
    "MANIFEST, https://gateway.1up.health/f, false, false",
    "MANIFEST, https://files.example/f, true, true",
    "NEVER, https://gateway.1up.health/f, true, false",
    "SAME_HOST, https://gateway.1up.health/f, false, true",
    "SAME_HOST, https://files.example/f, true, false",
    "SAME_HOST, https://gateway.1up.health/f?sig=x, true, false",
  })
  void whetherAFileIsAskedForWithTheTokenIsASetting(
      TokenOnFiles setting, String url, boolean manifest, boolean sent) {
    Payer set =
        new Payer(
            payer.client(),
            payer.baseUrl(),
            Set.of(),
            Set.of(),
            Set.of("files.example"),
            new OneUp(),
            8,
            ExtraHeaders.NONE,
            setting,
            false,
            CallLimits.NONE);

    assertThat(PayerUrls.sendsTokenWithFile(set, URI.create(url), manifest)).isEqualTo(sent);
  }

  @Test
  void aPayersCredentialsAreNotPrinted() {
    assertThat(payer.toString()).doesNotContain("secret", "client");
    assertThat(payer.baseUrl()).hasToString("https://gateway.1up.health/v1/bison");
  }

  @Test
  void clearTextOffThisMachineIsCalledOnlyWhereItIsAllowed() {
    assertThatThrownBy(() -> plain("http://gateway.example/v1", false))
        .hasMessageStartingWith("p2p.payers.bison.base-url is http")
        .hasMessageEndingWith("or set p2p.payers.bison.allow-http=true");

    Payer here = plain("http://127.0.0.1:8080/v1", false);
    assertThat(PayerUrls.resolve(here, "http://127.0.0.1:8080/x")).hasPort(8080);
    assertThatThrownBy(() -> PayerUrls.resolve(here, "http://files.example/x"))
        .hasMessageContaining("set p2p.payers.bison.allow-http=true");
    assertThat(PayerUrls.resolve(plain("http://127.0.0.1/v1", true), "http://files.example/x"))
        .hasToString("http://files.example/x");
  }

  @Test
  void noRedirectLeadsFromHttpsToHttp() {
    Payer plain = plain("http://gateway.example/v1", true);
    URI encrypted = URI.create("https://files.example/x");

    for (String target : List.of("http://files.example/x", "http://gateway.example/x", "/x")) {
      if (target.equals("/x")) {
        assertThat(PayerUrls.resolve(plain, encrypted, target)).hasScheme("https");
      } else {
        assertThatThrownBy(() -> PayerUrls.resolve(plain, encrypted, target))
            .hasMessageContaining("a redirect from https to http is never followed");
      }
    }
  }

  private static Payer plain(String baseUrl, boolean allowHttp) {
    return PlainPayer.of(
        PlainPayer.client(
            TokenClient.Kind.PAYER,
            "bison",
            URI.create("https://gateway.example/token"),
            "client",
            "secret",
            TokenAuth.CLIENT_SECRET_POST,
            true,
            "",
            allowHttp),
        URI.create(baseUrl),
        Set.of(),
        Set.of("files.example", "files.example:80"),
        new OneUp(),
        8);
  }

  private static Payer payer(String baseUrl, Set<String> aliases, Set<String> trusted) {
    return PlainPayer.of(
        "bison",
        URI.create(baseUrl),
        URI.create(baseUrl + "/token"),
        "client",
        "secret",
        "",
        aliases,
        trusted,
        new OneUp(),
        8);
  }

  private static String message(String url) {
    Payer payer = payer("https://h.example", Set.of(), Set.of());
    return assertThatThrownBy(() -> PayerUrls.resolve(payer, url)).actual().getMessage();
  }

  /** What the message says should be added to this key. */
  private static String advice(String url, String key) {
    Matcher advice =
        Pattern.compile("add '([^']+)' to p2p\\.payers\\.bison\\." + key).matcher(message(url));
    assertThat(advice.find()).isTrue();
    return advice.group(1);
  }
}
