package org.payerexchange.ledger.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.resource.classpath.ClassPathResource;

/**
 * Names the ledger's migrations one by one: an OSGi bundle cannot be scanned for them. One locks
 * one table that was there before, so that none waits in a circle with the nodes that work on it.
 */
final class LedgerMigrations implements ResourceProvider {
  static final String FOLDER = "db/migration/";
  static final List<String> H2 =
      List.of(
          "V1__ledger.sql",
          "h2/V2__indexes.sql",
          "V3__batches.sql",
          "V4__pages.sql",
          "V5__attachments.sql",
          "V6__first_file.sql",
          "V7__files_until.sql",
          "h2/V8__filters.sql",
          "V9__pauses.sql",
          "h2/V10__sequences.sql",
          "h2/V11__finished.sql",
          "V13__recurring.sql",
          "V14__report.sql",
          "V15__limits.sql",
          "h2/V16__recurrences.sql",
          "V17__consent_policy.sql",
          "V18__remarks.sql",
          "V19__sink_limits.sql",
          "V21__consent_policy_repeated.sql");
  static final List<String> POSTGRESQL =
      List.of(
          "V1__ledger.sql",
          "postgresql/V2__indexes.sql",
          "V3__batches.sql",
          "V4__pages.sql",
          "V5__attachments.sql",
          "V6__first_file.sql",
          "V7__files_until.sql",
          "postgresql/V8__filters.sql",
          "V9__pauses.sql",
          "postgresql/V10__counts.sql",
          "postgresql/V11__finished.sql",
          "postgresql/V12__source.sql",
          "V13__recurring.sql",
          "V14__report.sql",
          "V15__limits.sql",
          "postgresql/V16__recurrences.sql",
          "V17__consent_policy.sql",
          "V18__remarks.sql",
          "V19__sink_limits.sql",
          "postgresql/V20__member_ids.sql",
          "V21__consent_policy_repeated.sql");

  /** Others may bring it up to date at the same time, each once. */
  private static final int MOST_TRIES = 20;

  /** Another node may need hours for it. */
  private static final int FOR_EVER = -1;

  private final List<LoadableResource> resources;

  LedgerMigrations(boolean embedded) {
    resources = (embedded ? H2 : POSTGRESQL).stream().map(LedgerMigrations::resource).toList();
  }

  /** What brings a ledger's schema up to date. */
  static FluentConfiguration flyway(DataSource ledger, boolean embedded) {
    return Flyway.configure(LedgerMigrations.class.getClassLoader())
        .dataSource(ledger)
        .locations(new String[0])
        .resourceProvider(new LedgerMigrations(embedded))
        .lockRetryCount(FOR_EVER)
        .javaMigrationClassProvider(List::of);
  }

  /**
   * Connects to a ledger whose schema is up to date by then.
   *
   * @throws RuntimeException if it cannot be reached, or not be brought up to date
   */
  static LedgerPool migrated(LedgerConnector connector) {
    Optional<FileUpgrade> upgrade = FileUpgrade.of(connector);
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      upgrade.filter(FileUpgrade::isOfNothing).ifPresent(FileUpgrade::make);
      LedgerPool pool = connector.connect();
      try {
        Flyway flyway = flyway(pool, connector.isEmbedded()).load();
        boolean inPlace = connector.isEmbedded() && upgrade.isEmpty();
        if (inPlace || flyway.info().pending().length == 0) {
          flyway.migrate();
          upgrade.ifPresent(FileUpgrade::clear);
          return pool;
        }
      } catch (RuntimeException e) {
        pool.close();
        throw e;
      }
      pool.close();
      if (upgrade.isPresent()) {
        upgrade.get().make();
      } else {
        try (LedgerPool patient = connector.connectToMigrate()) {
          new LockedTables().await(flyway(patient, false).load()::migrate);
        }
      }
    }
    throw new IllegalStateException(
        "p2p.database.url: the ledger's schema cannot be brought up to date, for something in this process has it open; the ledger is as it was");
  }

  @Override
  public LoadableResource getResource(String name) {
    return resources.stream()
        .filter(resource -> resource.getRelativePath().equals(name))
        .findFirst()
        .orElse(null);
  }

  @Override
  public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
    return resources.stream()
        .filter(resource -> resource.getFilename().startsWith(prefix))
        .filter(resource -> Arrays.stream(suffixes).anyMatch(resource.getFilename()::endsWith))
        .collect(Collectors.toList());
  }

  private static LoadableResource resource(String name) {
    return new ClassPathResource(
        null, FOLDER + name, LedgerMigrations.class.getClassLoader(), StandardCharsets.UTF_8);
  }
}
