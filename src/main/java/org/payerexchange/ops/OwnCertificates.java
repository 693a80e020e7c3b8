package org.payerexchange.ops;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.auth.CertificateEnd;

/**
 * Our own certificates: those that payers and sinks are shown, those of the keys that sign for
 * them, and that of the ops ports. They are told of before they end.
 */
public final class OwnCertificates {
  private static final Duration NOTICE = Duration.ofDays(30);

  private final Supplier<List<CertificateEnd>> certificates;
  private final Supplier<List<String>> problems;
  private final Clock clock;

  /**
   * The bean {@code ownCertificates}.
   *
   * @param certificates as their files are now
   * @param problems why files that have changed are not used, each naming its key
   */
  public OwnCertificates(
      Supplier<List<CertificateEnd>> certificates, Supplier<List<String>> problems, Clock clock) {
    this.certificates = certificates;
    this.problems = problems;
    this.clock = clock;
  }

  /** All of them. */
  public List<CertificateEnd> all() {
    return certificates.get();
  }

  /** How long one is still good; less than nothing where it is not. */
  public Duration left(CertificateEnd certificate) {
    return Duration.between(clock.instant(), certificate.end());
  }

  /** What an operator has to do something about within 30 days, each naming its key. */
  public List<String> notices() {
    return Stream.concat(
            problems.get().stream(),
            all().stream()
                .filter(each -> left(each).compareTo(NOTICE) < 0)
                .map(
                    each ->
                        "%s: its file %s good until %s"
                            .formatted(
                                each.key(), left(each).isNegative() ? "was" : "is", each.end())))
        .toList();
  }

  /** The same in words. */
  public String words() {
    List<String> notices = notices();
    return notices.isEmpty()
        ? "none ends within %s days".formatted(NOTICE.toDays())
        : notices.stream().collect(Collectors.joining("; "));
  }
}
