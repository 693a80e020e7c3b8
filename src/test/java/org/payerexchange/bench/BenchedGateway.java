package org.payerexchange.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.payerexchange.support.JavaProcess;

/** The sandbox in a process of its own, and how its one payer is reached. */
final class BenchedGateway implements AutoCloseable {
  private static final String PREFIX = "p2p.payers.bison.";

  private final JavaProcess process;
  private final Map<String, String> payer;

  private BenchedGateway(JavaProcess process, Map<String, String> payer) {
    this.process = process;
    this.payer = payer;
  }

  /**
   * Starts it.
   *
   * @param bytesPerSecond what all files together may send; 0: no limit
   */
  static BenchedGateway start(Path folder, int files, long bytesPerFile, long bytesPerSecond)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("sandbox", "--no-broker", "--port=0", "--tenant=bison", "--running-polls=0"));
    arguments.add("--files=" + files);
    arguments.add("--bytes-per-file=" + bytesPerFile);
    arguments.add("--bytes-per-second=" + bytesPerSecond);
    JavaProcess process =
        JavaProcess.start(folder, List.of("-Xmx512m"), "org.payerexchange.cli.Launcher", arguments);
    Map<String, String> payer = new HashMap<>();
    while (!payer.containsKey("scope")) {
      String[] entry = process.line().split("=", 2);
      payer.put(entry[0].substring(PREFIX.length()), entry[1]);
    }
    return new BenchedGateway(process, payer);
  }

  /** The settings of the payer {@code bison}. */
  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    payer.forEach((key, value) -> settings.put(PREFIX + key, value));
    return settings;
  }

  String payer(String key) {
    return payer.get(key);
  }

  URI base() {
    return URI.create(payer("base-url"));
  }

  /** A URL of an answer, on the host that is to be called. */
  URI reachable(String url) {
    return base().resolve(URI.create(url).getRawPath());
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
