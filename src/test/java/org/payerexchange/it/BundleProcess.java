package org.payerexchange.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** A bundle for the payer bison in a process of its own, until somebody ends it. */
final class BundleProcess {
  private BundleProcess() {}

  /**
   * Starts it on the class path of this process.
   *
   * @param folder of its inbox, ledger and outbox
   * @param heap the JVM's option
   * @param settings more of its keys, each {@code key=value}; {@code routes} names a folder of them
   */
  static JavaProcess start(Path folder, Sandbox sandbox, String heap, String... settings)
      throws IOException {
    Files.createDirectories(folder.resolve("inbox"));
    List<String> arguments =
        new ArrayList<>(List.of(folder.toString(), sandbox.origin().toString()));
    arguments.addAll(List.of(settings));
    return JavaProcess.start(
        folder,
        JavaProcess.brief(heap, "-Djdk.serialFilter=!*", "-Dp2p.log.target=System.err"),
        BundleProcess.class,
        arguments);
  }

  public static void main(String[] arguments) throws Exception {
    TestBundle bundle =
        TestBundle.in(Path.of(arguments[0]))
            .payer("bison", arguments[1])
            .set("p2p.payers.bison.client-id", SandboxOptions.DEFAULT_CLIENT_ID)
            .set("p2p.payers.bison.client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET);
    for (String setting : List.of(arguments).subList(2, arguments.length)) {
      int equals = setting.indexOf('=');
      String value = setting.substring(equals + 1);
      if (setting.startsWith("routes=")) {
        bundle.routes(Path.of(value));
      } else {
        bundle.set(setting.substring(0, equals), value);
      }
    }
    bundle.start();
    new CountDownLatch(1).await();
  }
}
