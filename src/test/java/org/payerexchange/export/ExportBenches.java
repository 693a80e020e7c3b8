package org.payerexchange.export;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.support.Gateway;

/**
 * A bench that all tests of a class share, or one of a test's own, at one gateway, by
 * {@code @RegisterExtension}. Whoever asks the gateway for what no stub expects, or a stranger for
 * anything, fails the test.
 */
final class ExportBenches implements BeforeAllCallback, AfterAllCallback, AfterEachCallback {
  private final Gateway gateway = new Gateway();
  private final Gateway stranger = new Gateway();
  private final Map<String, String> settings = new HashMap<>();
  private Path folder;
  private ExportBench shared;
  private ExportBench own;

  /** Sets what holds for all benches. */
  ExportBenches set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  Gateway gateway() {
    return gateway;
  }

  /** Another host. */
  Gateway stranger() {
    return stranger;
  }

  ExportBench shared() {
    return shared;
  }

  /** A bench with a setting, until the test ends. */
  ExportBench own(String key, String value) throws Exception {
    return own(Map.of(key, value));
  }

  /** A bench with settings, until the test ends. */
  ExportBench own(Map<String, String> itsSettings) throws Exception {
    own = ExportBench.in(Files.createTempDirectory(folder, "own"), gateway);
    settings.forEach(own::set);
    itsSettings.forEach(own::set);
    return own.start();
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    folder = Files.createTempDirectory("benches");
    gateway.start();
    stranger.start();
    stranger.stub(any(anyUrl()).willReturn(ok()));
    shared = ExportBench.in(Files.createDirectory(folder.resolve("shared")), gateway);
    settings.forEach(shared::set);
    shared.start();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (own != null) {
      own.close();
      own = null;
    }
    gateway.assertNothingUnexpected();
    assertThat(stranger.server().getAllServeEvents()).isEmpty();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    shared.close();
    gateway.stop();
    stranger.stop();
    PrivateFiles.deleteFolder(folder);
  }
}
