package org.payerexchange.it;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/**
 * Payers that fall silent, each one request later than the one before it. With a transfer of each
 * in hand, one kill of a process comes between any two requests of a transfer.
 */
final class SilentPayers implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final List<Sandbox> sandboxes = new ArrayList<>();

  /**
   * Starts them.
   *
   * @param count more than the requests that a transfer needs
   * @param options of each, its tenant apart
   * @param rates of the faults that they have besides
   */
  SilentPayers(int count, Consumer<SandboxOptions.Builder> options, Map<Fault, Double> rates) {
    for (int requests = 0; requests < count; requests++) {
      SandboxOptions.Builder builder = SandboxOptions.builder().tenants(Set.of(name(requests)));
      options.accept(builder);
      Sandbox sandbox = Sandbox.start(builder.build());
      sandboxes.add(sandbox);
      sandbox.faults().rates(rates);
      sandbox.faults().after(requests, Fault.HANG);
    }
  }

  int count() {
    return sandboxes.size();
  }

  /** The id of the payer that answers so many requests. */
  String name(int requests) {
    return "payer-" + requests;
  }

  /** What speaks for it. */
  Sandbox get(int requests) {
    return sandboxes.get(requests);
  }

  /** The keys by which a process reaches them, each {@code key=value}. */
  List<String> settings() {
    List<String> settings = new ArrayList<>();
    for (int requests = 0; requests < count(); requests++) {
      String prefix = "p2p.payers." + name(requests) + ".";
      Sandbox sandbox = get(requests);
      settings.addAll(
          List.of(
              prefix + "base-url=" + sandbox.baseUrl(name(requests)),
              prefix + "token-url=" + sandbox.tokenUrl(),
              prefix + "client-id=" + sandbox.options().clientId(),
              prefix + "client-secret=" + sandbox.options().clientSecret(),
              prefix + "scope=" + SandboxOptions.SCOPE));
    }
    return settings;
  }

  /** Adds them to a bundle. */
  TestBundle addTo(TestBundle bundle) {
    for (int requests = 0; requests < count(); requests++) {
      Pipeline.payer(bundle, name(requests), get(requests));
    }
    return bundle;
  }

  /**
   * Waits until each is silent, or has been asked for all.
   *
   * @return how many are silent
   */
  long awaitSilent(Predicate<Sandbox> askedForAll) {
    Predicate<Sandbox> silent = SilentPayers::isSilent;
    await().atMost(PATIENCE).until(() -> sandboxes.stream().allMatch(silent.or(askedForAll)));
    return sandboxes.stream().filter(silent).count();
  }

  private static boolean isSilent(Sandbox sandbox) {
    return sandbox.requests().faults().values().stream()
        .anyMatch(faults -> faults.containsKey(Fault.HANG));
  }

  /** Has all of them answer. */
  void speak(Map<Fault, Double> rates) {
    for (Sandbox sandbox : sandboxes) {
      sandbox.faults().clear();
      sandbox.faults().rates(rates);
    }
  }

  @Override
  public void close() {
    sandboxes.forEach(Sandbox::close);
  }
}
