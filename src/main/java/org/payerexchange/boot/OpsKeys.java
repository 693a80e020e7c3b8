package org.payerexchange.boot;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.payerexchange.ops.OpsKey;
import org.payerexchange.ops.OpsRole;

/** Reads the keys to the ops API: {@code p2p.ops.api-key} and {@code p2p.ops.keys.<name>.*}. */
public final class OpsKeys {
  private static final String ALL = "p2p.ops.api-key";

  private final Settings settings;

  private OpsKeys(Settings settings) {
    this.settings = settings;
  }

  /**
   * All of them, that without a name first.
   *
   * @throws IllegalArgumentException naming what is missing or wrong
   */
  static List<OpsKey> of(Settings settings) {
    return new OpsKeys(settings).all();
  }

  /**
   * The one for whoever runs the launcher with the same settings: an operator's, else a reader's,
   * by which all is shown and nothing done. That without a name may well be a caller's own, given
   * in the environment.
   *
   * @throws IllegalArgumentException naming what is missing or wrong
   */
  public static Optional<String> ofCaller(Settings settings) {
    return ofOperator(settings).or(() -> of(settings, OpsRole.READER));
  }

  private static Optional<String> ofOperator(Settings settings) {
    return settings.find(ALL).or(() -> of(settings, OpsRole.OPERATOR));
  }

  /**
   * The one for whoever hands records in by the launcher: an operator's, else one of intake.
   *
   * @throws IllegalArgumentException naming what is missing or wrong
   */
  public static Optional<String> ofSender(Settings settings) {
    return ofOperator(settings).or(() -> of(settings, OpsRole.INTAKE));
  }

  private static Optional<String> of(Settings settings, OpsRole role) {
    return of(settings).stream().filter(key -> key.role() == role).map(OpsKey::secret).findFirst();
  }

  /** Whom the port lets in, in words. */
  static String words(List<OpsKey> keys) {
    return keys.isEmpty()
        ? "without a key, from this machine alone"
        : keys.stream()
            .map(
                key ->
                    key.name().isEmpty()
                        ? ALL
                        : "%s (%s)"
                            .formatted(key.name(), key.role().name().toLowerCase(Locale.ROOT)))
            .collect(Collectors.joining(", ", "by the key of ", ""));
  }

  private List<OpsKey> all() {
    List<OpsKey> keys = new ArrayList<>();
    settings.find(ALL).ifPresent(secret -> keys.add(new OpsKey("", OpsRole.OPERATOR, secret)));
    settings.names("p2p.ops.keys", "role", "key").forEach(name -> keys.add(key(name)));
    Map<String, OpsKey> bySecret = new HashMap<>();
    for (OpsKey key : keys) {
      if (bySecret.putIfAbsent(key.secret(), key) != null) {
        throw new IllegalArgumentException(
            "p2p.ops.keys.%s.key: is another one's as well".formatted(key.name()));
      }
    }
    return keys;
  }

  private OpsKey key(String name) {
    String keys = "p2p.ops.keys." + name;
    OpsRole role =
        settings
            .value(keys + ".role", Settings.oneOf(OpsRole.class))
            .orElseThrow(() -> missing(keys + ".role"));
    return new OpsKey(
        name, role, settings.find(keys + ".key").orElseThrow(() -> missing(keys + ".key")));
  }

  private static IllegalArgumentException missing(String key) {
    return new IllegalArgumentException(key + ": is missing");
  }
}
