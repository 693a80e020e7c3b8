package org.payerexchange.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.Folders;
import org.payerexchange.support.TestBundle;

/**
 * One bundle for all tests of a class, and a sandbox that plays its payer bison, by a static
 * {@code @RegisterExtension}. No fault outlives its test.
 */
final class Rehearsal implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  private final Map<String, String> settings = new HashMap<>();
  private Path folder;
  private Sandbox sandbox;
  private TestBundle bundle;

  /** Overrides one key of the bundle. */
  Rehearsal set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    folder = Files.createTempDirectory("rehearsal");
    sandbox = Sandbox.start(SandboxOptions.defaults());
    bundle = Pipeline.payer(TestBundle.in(folder), "bison", sandbox);
    settings.forEach(bundle::set);
    bundle.start();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    sandbox.faults().clear();
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    bundle.close();
    sandbox.close();
    Folders.delete(folder);
  }

  Sandbox sandbox() {
    return sandbox;
  }

  TestBundle bundle() {
    return bundle;
  }

  Pipeline pipeline() {
    return new Pipeline(bundle);
  }
}
