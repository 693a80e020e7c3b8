package org.payerexchange.it;

import jakarta.jms.JMSContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.EmbeddedBroker;

/** What is done to a bundle in another process, and seen of it, from outside. */
final class Operator {
  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  private Operator() {}

  /** A payers.properties for a payer that a sandbox speaks for. */
  static String payer(String id, Sandbox sandbox) {
    return """
        p2p.payers.%1$s.base-url=%2$s
        p2p.payers.%1$s.token-url=%3$s
        p2p.payers.%1$s.client-id=%4$s
        p2p.payers.%1$s.client-secret=%5$s
        p2p.payers.%1$s.scope=%6$s
        """
        .formatted(
            id,
            sandbox.baseUrl(id),
            sandbox.tokenUrl(),
            sandbox.options().clientId(),
            sandbox.options().clientSecret(),
            SandboxOptions.SCOPE);
  }

  /** Puts each record into the intake queue. */
  static void send(EmbeddedBroker broker, List<String> records) {
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext session = connections.createContext()) {
      for (String record : records) {
        session.createProducer().send(session.createQueue("p2p.intake"), record);
      }
    }
  }

  /** The names of all files below a folder that are there in full. */
  static List<String> files(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".part"))
          .toList();
    }
  }

  /** The files and folders below a folder that not their owner alone can use. */
  static List<Path> openToOthers(Path folder) throws IOException {
    List<Path> open = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.filter(each -> !each.equals(folder)).toList()) {
        if (!OWNERS.containsAll(Files.getPosixFilePermissions(path))) {
          open.add(path);
        }
      }
    }
    return open;
  }
}
