package org.payerexchange.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** A bundle for the payer bison in a process of its own, until somebody ends it. */
final class BundleProcess {
  private BundleProcess() {}

  /**
   * Starts it on the class path of this process.
   *
   * @param folder of its inbox, ledger and outbox; its output goes to {@code child.log} in it
   * @param heap the JVM's option
   */
  static Process start(Path folder, Sandbox sandbox, String heap) throws IOException {
    Files.createDirectories(folder.resolve("inbox"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            heap,
            "-Duser.timezone=UTC",
            "-cp",
            classPath(),
            BundleProcess.class.getName(),
            folder.toString(),
            sandbox.origin().toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("child.log").toFile())
        .start();
  }

  /** The class path of the tests, without the jar that Surefire repeats it in. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("surefire"))
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
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
