package org.payerexchange.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
   */
  static JavaProcess start(Path folder, Sandbox sandbox, String heap) throws IOException {
    Files.createDirectories(folder.resolve("inbox"));
    return JavaProcess.start(
        folder,
        List.of(heap, "-Duser.timezone=UTC", "-Dp2p.log.target=System.err"),
        BundleProcess.class,
        List.of(folder.toString(), sandbox.origin().toString()));
  }

  public static void main(String[] arguments) throws Exception {
    TestBundle.in(Path.of(arguments[0]))
        .payer("bison", arguments[1])
        .set("p2p.payers.bison.client-id", SandboxOptions.DEFAULT_CLIENT_ID)
        .set("p2p.payers.bison.client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET)
        .start();
    new CountDownLatch(1).await();
  }
}
