package org.payerexchange.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.auth.NewKey;
import org.payerexchange.docker.ContainerProcess;
import org.payerexchange.docker.ImageTree;
import org.payerexchange.sandbox.AuthMethod;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.DemoParts;

/** The image's own files and entry point without a container; run by the profile image. */
class ImageIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int FILES = 4;
  private static final Map<String, String> ENVIRONMENT = Map.of("P2P_OPS_API_KEY", "secret");

  @TempDir Path folder;
  private ImageTree image;
  private Path log;

  @BeforeEach
  void layOut() throws IOException {
    image = ImageTree.layOut(Files.createDirectory(folder.resolve("image")));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    log = folder.resolve("log");
  }

  @Test
  void aPlainUserWithAReadOnlyRootTakesAMemberFromAFileToTheOutbox() throws Exception {
    String key = new String(NewKey.ES384.make(), UTF_8);
    JWKSet known = new JWKSet(JWK.parse(key).toPublicJWK());
    try (Sandbox sandbox =
            Sandbox.start(
                SandboxOptions.builder()
                    .load(new LoadShape(FILES, 20_000))
                    .client(us -> us.withKeys(known).by(AuthMethod.PRIVATE_KEY_JWT))
                    .build());
        ContainerProcess node = new ContainerProcess(image, ENVIRONMENT, log)) {
      mountAsCamelKDoes(
          "p2p.inbox.quiet-time=200ms\np2p.poll.min-delay=200ms\n", payerThatKnowsOurKey(sandbox));
      image.mountVolume("keys", "bison.jwk", key);
      image.makeReadOnly();
      Path inbox = image.makeWritable(ImageTree.STATE + "/inbox");
      Map<Path, String> before = image.state();
      assertThat(node.isHealthy()).isFalse();

      node.start();
      node.awaitHealthy();
      Pipeline.drop(inbox, List.of(Pipeline.record("image-1", Members.load("bison", 1))));
      Path outbox = image.path(ImageTree.STATE).resolve("outbox/bison");
      await().atMost(PATIENCE).until(() -> Operator.files(outbox).size() == FILES + 1);

      assertThat(Operator.files(outbox)).contains("manifest.json");
      assertThat(node.stop()).isZero();
      assertThat(image.state()).isEqualTo(before);
      for (String written : List.of("work", "outbox", "data")) {
        assertThat(Operator.openToOthers(image.path(ImageTree.STATE).resolve(written))).isEmpty();
      }
    }
  }

  @Test
  void neitherTheDemoNorItsBrokerIsInTheImage() throws IOException {
    assertThat(DemoParts.in(image.path("/opt/payer-exchange"))).isEmpty();
  }

  @Test
  void theCommandsOfTheLauncherAreThoseOfTheImage() throws Exception {
    image.makeReadOnly();

    assertThat(image.print(List.of("--version"), ENVIRONMENT)).contains("payer-exchange ");
    assertThatThrownBy(() -> image.print(List.of("status"), ENVIRONMENT))
        .hasMessageContaining("there is no ledger at jdbc:h2:file:");
  }

  @Test
  void aKeyThatIsMadeWithTheImageIsInItsVolumeForItsOwnerAlone() throws Exception {
    image.makeReadOnly();
    Path volume = image.makeWritable(ImageTree.STATE);

    String printed = image.print(List.of("keys", "new", "bison.jwk"), ENVIRONMENT);

    Path key = volume.resolve("bison.jwk");
    // behind the JVM's note of its options
    String keys = printed.substring(printed.indexOf("\n{") + 1);
    assertThat(JWKSet.parse(keys).getKeys().get(0).computeThumbprint())
        .isEqualTo(JWK.parse(Files.readString(key)).computeThumbprint());
    assertThat(printed).doesNotContain("\"d\"");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
  }

  /** Where it gives tokens it says itself. */
  private String payerThatKnowsOurKey(Sandbox sandbox) {
    return """
        p2p.payers.bison.base-url=%s
        p2p.payers.bison.client-id=%s
        p2p.payers.bison.scope=%s
        p2p.payers.bison.token-auth=private_key_jwt
        p2p.payers.bison.private-key-file=%s
        """
        .formatted(
            sandbox.baseUrl("bison"),
            sandbox.options().clientId(),
            SandboxOptions.SCOPE,
            image.path(ImageTree.CONFIG).resolve("keys/bison.jwk"));
  }

  private void mountAsCamelKDoes(String configMap, String secret) throws IOException {
    String configMaps = "conf.d/_configmaps/payer-exchange-settings";
    String secrets = "conf.d/_secrets/payer-exchange-payers";
    image.mountVolume(configMaps, "application.properties", configMap);
    image.mountVolume(secrets, "payers.properties", secret);
    Path mounts = image.path(ImageTree.CONFIG);
    image.mount(
        "application.properties",
        "camel.main.cloud-properties-location=%s,%s\n"
            .formatted(mounts.resolve(configMaps), mounts.resolve(secrets)));
  }
}
