package org.payerexchange.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Setup;
import org.payerexchange.files.PrivateFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code prepare}: uses once what commands and {@code run} need, so that the JVM has an archive of
 * their classes when it ends. That it makes one, and where, is the start script's part.
 */
@Command(
    name = "prepare",
    description =
        "Keeps the classes that commands and run need in an archive in lib/, for quicker starts with this Java.",
    mixinStandardHelpOptions = true)
final class PrepareCommand implements Callable<Integer> {
  @Mixin private Location location;

  @Override
  public Integer call() throws Exception {
    // as all commands read theirs; what it says of folders, payers and ports is not for here
    location.quiet();
    Path folder = Files.createTempDirectory("payer-exchange");
    try {
      use(ofItsOwn(folder));
    } finally {
      PrivateFiles.deleteFolder(folder);
    }
    return 0;
  }

  private static Setup ofItsOwn(Path folder) {
    Setup setup =
        new Setup(Optional.of(folder), Optional.empty())
            .withoutEnvironment()
            .with("p2p.database.url", "jdbc:h2:file:" + folder.resolve("ledger"))
            .with("p2p.ops.port", "0")
            .with("p2p.jms.url", "")
            .with("p2p.payers.nobody.base-url", "http://127.0.0.1:1/")
            .with("p2p.payers.nobody.token-url", "http://127.0.0.1:1/token")
            .with("p2p.payers.nobody.client-id", "nobody")
            .with("p2p.payers.nobody.client-secret", "none");
    for (String name : List.of("inbox", "work", "outbox")) {
      setup = setup.with("p2p.%s.directory".formatted(name), folder.resolve(name).toString());
    }
    return setup;
  }

  private static void use(Setup setup) throws Exception {
    try (PayerExchange bundle = PayerExchange.start(setup)) {
      int port = bundle.context().hasService(VertxPlatformHttpServer.class).getPort();
      look(OpsDesk.open(setup.with("p2p.ops.port", String.valueOf(port))));
    }
    look(Desk.open(setup));
  }

  private static void look(Desk desk) throws Exception {
    try (desk) {
      desk.list(Map.of());
    }
  }
}
