package org.payerexchange.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.X509CertUtils;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.sandbox.MutualTls;
import org.payerexchange.sandbox.RegisteredClient;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.SettableClock;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TestKeys;

/** A client certificate that is replaced while the process runs, or that ends. */
class RenewedCertificateTest {
  private static final String SAN = RegisteredClient.DEFAULT_SAN_URI;
  private static final String KEY = "p2p.payers.bison.key-store";

  private static final double DAY = 86_400;

  @TempDir static Path certificates;
  private static TestAuthority authority;
  private static TestCertificate server;
  private static TestCertificate first;
  private static TestCertificate renewed;
  private static TestCertificate stranger;

  @TempDir Path folder;
  private Path store;
  private Sandbox sandbox;
  private TestBundle bundle;

  @BeforeAll
  static void sign() throws Exception {
    authority = TestAuthority.make(certificates.resolve("authority"));
    server = TestCertificate.make(certificates, "server");
    first = authority.sign("first", SAN, 10);
    renewed = authority.sign("renewed", SAN, 90);
    stranger = TestAuthority.make(certificates.resolve("other")).sign("stranger", SAN, 90);
  }

  @BeforeEach
  void start() throws Exception {
    store = folder.resolve("client.p12");
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .mutualTls(
                    new MutualTls(
                        0,
                        server.keyStore(),
                        TestCertificate.PASSWORD,
                        authority.trustStore(),
                        TestCertificate.PASSWORD))
                .build());
    bundle =
        TestBundle.in(folder)
            .ops()
            .payer("bison", sandbox.mutualTlsOrigin().toString())
            .set("p2p.payers.bison.client-id", SandboxOptions.DEFAULT_CLIENT_ID)
            .set("p2p.payers.bison.client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET)
            .set("p2p.payers.bison.trust-store", server.trustStore().toString())
            .set("p2p.payers.bison.trust-store-password", TestCertificate.PASSWORD)
            .set(KEY, store.toString())
            .set(KEY + "-password", TestCertificate.PASSWORD);
    put(first.keyStore());
  }

  @AfterEach
  void stop() {
    bundle.close();
    sandbox.close();
  }

  @Test
  void aRenewedCertificateIsShownWithoutARestartAndNoTokenOfTheOldOne() throws Exception {
    bundle.start();
    call();
    call();
    assertThat(sandbox.requests().received(RequestKind.TOKEN)).isOne();

    put(renewed.keyStore());
    call();
    call();

    assertThat(sandbox.requests().received(RequestKind.TOKEN)).isEqualTo(2);
    assertThat(sandbox.requests().received(RequestKind.STATUS)).isEqualTo(4);
    assertThat(sandbox.requests().certificates())
        .containsExactly(thumbprint(first), thumbprint(renewed));
  }

  @Test
  void aRenewalThatCannotBeUsedLeavesWhatWasThereBeforeAndIsTold() throws Exception {
    bundle.start();
    call();

    Files.writeString(store, "half a sto");
    call();
    assertThat(readiness()).contains(KEY + ": ").contains("still used").contains("\"UP\"");

    put(renewed.keyStore());
    call();
    assertThat(readiness()).doesNotContain("still used");
    assertThat(sandbox.requests().certificates())
        .containsExactly(thumbprint(first), thumbprint(renewed));
  }

  @Test
  void aRenewalThatIsGoodFromTomorrowOnIsUsedFromTomorrowOn() throws Exception {
    SettableClock clock = new SettableClock(Instant.now());
    try (CamelContext camel = new DefaultCamelContext()) {
      PeerTls tls =
          new PeerTls(
              new TlsStores("p2p.payers.bison", "", "", store.toString(), TestCertificate.PASSWORD),
              camel,
              clock);
      String before = tls.certificate();

      put(authority.signFuture("early", SAN).keyStore());
      assertThat(tls.certificate()).isEqualTo(before);
      assertThat(tls.problem().orElseThrow()).contains("is good from ").contains("still used");

      clock.forward(Duration.ofHours(36));
      assertThat(tls.certificate()).isNotEqualTo(before);
      assertThat(tls.problem()).isEmpty();
    }
  }

  @Test
  void whateverElseIsInTheStoreIsPassedOver() throws Exception {
    put(first.withSecretKey());
    bundle.start();

    call();

    assertThat(sandbox.requests().certificates()).containsExactly(thumbprint(first));
  }

  @Test
  void aCertificateThatGetsInNowhereIsReplacedWhileTransfersWait() throws Exception {
    put(stranger.keyStore());
    bundle.start();
    assertThatThrownBy(this::call).isInstanceOf(CamelExecutionException.class);

    put(first.keyStore());

    call();
  }

  @Test
  void aCertificateThatEndsWithinThirtyDaysIsADetailOfReadinessAndAFigure() throws Exception {
    bundle.start();

    assertThat(readiness()).contains(KEY + ": its file is good until ").contains("\"UP\"");
    String metrics = bundle.get("/observe/metrics");
    assertThat(left(metrics, KEY)).isBetween(9 * DAY, 10 * DAY);

    put(renewed.keyStore());

    assertThat(readiness()).contains("none ends within 30 days");
    assertThat(left(bundle.get("/observe/metrics"), KEY)).isGreaterThan(80 * DAY);
  }

  @Test
  void theCertificateOfAKeyThatSignsIsToldOfLikeAnyOther() throws Exception {
    String key = "p2p.payers.bison.private-key-file";
    bundle
        .set(key, store.toString())
        .set("p2p.payers.bison.private-key-password", TestCertificate.PASSWORD)
        .set(KEY, renewed.keyStore().toString())
        .start();

    assertThat(readiness()).contains(key + ": its file is good until ").doesNotContain(KEY);
    assertThat(left(bundle.get("/observe/metrics"), key)).isBetween(9 * DAY, 10 * DAY);

    Files.writeString(store, "half a sto");
    assertThat(readiness()).contains(key + ": ").contains("\"UP\"");

    put(renewed.keyStore());
    assertThat(readiness()).contains("none ends within 30 days");
  }

  @Test
  void aKeyThatIsGoodForLessThanThirtyDaysByItsOwnWordIsToldOfLikewise() throws Exception {
    String key = "p2p.payers.bison.private-key-file";
    long end = Instant.now().plus(Duration.ofDays(5)).getEpochSecond();
    put(renewed.keyStore());
    bundle
        .set(
            key,
            Files.writeString(
                    folder.resolve("key.jwk"), TestKeys.P384.replace("{", "{\"exp\":" + end + ","))
                .toString())
        .start();

    assertThat(readiness())
        .contains(key + ": its file is good until " + Instant.ofEpochSecond(end))
        .doesNotContain("its certificate")
        .contains("\"UP\"");
    assertThat(left(bundle.get("/observe/metrics"), key)).isBetween(4 * DAY, 5 * DAY);
  }

  @Test
  void aCertificateWhoseTimeIsOverIsRefusedAtTheStart() throws Exception {
    put(authority.signEnded("ended", SAN).keyStore());

    assertThatThrownBy(bundle::start)
        .hasMessageStartingWith(KEY + ": '" + store + "' holds a certificate that is good from ");
  }

  @Test
  void aStoreThatIsNotThereIsRefusedAtTheStart() throws Exception {
    Files.delete(store);

    assertThatThrownBy(bundle::start)
        .hasMessageStartingWith(KEY + ": '" + store + "' cannot be opened (");
  }

  @Test
  void aStoreWithoutAKeyOfItsOwnIsRefusedAtTheStart() throws Exception {
    put(authority.trustStore());

    assertThatThrownBy(bundle::start)
        .hasMessage(KEY + ": '" + store + "' holds no private key with its certificate");
  }

  @Test
  void aTrustStoreThatTrustsNobodyIsRefusedAtTheStart() throws Exception {
    Path nobody = TestCertificate.empty(folder);
    String key = "p2p.payers.bison.trust-store";
    bundle.set(key, nobody.toString());

    assertThatThrownBy(bundle::start)
        .hasMessageStartingWith(key + ": '" + nobody + "' holds no entry");
  }

  @Test
  void aKeyAndACertificateThatDoNotBelongTogetherAreRefusedAtTheStart() throws Exception {
    put(first.withKeyOf(renewed));

    assertThatThrownBy(bundle::start)
        .hasMessage(
            KEY
                + ": '"
                + store
                + "' holds a private key and a certificate that do not belong together: entry 'first'");
  }

  private static double left(String metrics, String key) {
    return metrics
        .lines()
        .filter(
            line ->
                line.startsWith(
                    "p2p_certificate_left_seconds{key=\"%s\",kind=\"payer\",name=\"bison\"}"
                        .formatted(key)))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow();
  }

  private String readiness() throws Exception {
    return bundle.get("/observe/health/ready");
  }

  /** Asks for a job that is not there, which the gateway tells nobody without a good token. */
  private void call() {
    Payer payer = bundle.bean("payers", Payers.class).get("bison");
    URI job = URI.create(payer.baseUrl() + "/bulk-data/r4/$export/job/none");
    bundle
        .template()
        .requestBody(
            "direct:call-payer", PayerRequest.get(payer, job, Map.of(), Set.of(404)), Object.class);
  }

  /** As whoever renews certificates replaces a file: by a rename. */
  private void put(Path newStore) throws Exception {
    Path beside = Files.copy(newStore, folder.resolve("client.p12.new"));
    Files.move(beside, store, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String thumbprint(TestCertificate certificate) throws Exception {
    return X509CertUtils.computeSHA256Thumbprint((X509Certificate) certificate.certificate())
        .toString();
  }
}
