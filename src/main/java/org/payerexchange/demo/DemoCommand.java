package org.payerexchange.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import org.payerexchange.cli.Location;
import org.payerexchange.cli.Subcommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code demo}: the sample members, from inbox and queue to the delivered files. */
@Command(
    name = "demo",
    description =
        "Runs sample members through the bundle against a simulated gateway, and checks what arrives.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer>, Subcommand {
  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Where the demo makes its folder (default: demo-run).")
  private Path parent = Path.of("demo-run");

  @Override
  public Integer call() throws Exception {
    String name =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
            .format(LocalDateTime.now(ZoneId.systemDefault()));
    Path folder = parent.resolve(name);
    Files.createDirectories(parent);
    Files.createDirectory(folder);
    // Before the first logger is made, which reads them.
    System.setProperty("p2p.log.to", "file");
    System.setProperty("p2p.log.file", folder.resolve("demo.log").toString());
    boolean asExpected =
        new Demo(
                spec.commandLine().getOut(), Ansi.AUTO.enabled(), folder, location.setup().routes())
            .run();
    return asExpected ? 0 : 1;
  }
}
