package org.payerexchange.sandbox;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who is a member of which simulated payer: the members of the samples ({@code
 * sandbox/members.json}), and any number of load members that follow from their number alone.
 */
public final class Members {
  private static final Pattern LOAD_COVERAGE = Pattern.compile("LOAD-(\\d{1,9})");
  private static final Pattern LOAD_GROUP = Pattern.compile("load-(\\d{1,9})");

  private final List<Member> samples;

  private Members(List<Member> samples) {
    this.samples = List.copyOf(samples);
  }

  /** Reads the sample members from the class path. */
  public static Members ofSamples() {
    try (InputStream json = Members.class.getResourceAsStream("/sandbox/members.json")) {
      return new Members(Answer.MAPPER.readValue(json, new TypeReference<List<Member>>() {}));
    } catch (IOException e) {
      throw new UncheckedIOException("The sandbox's members cannot be read", e);
    }
  }

  /** The members of the samples. */
  public Collection<Member> samples() {
    return samples;
  }

  /**
   * The load member of this number; every tenant has it. Its export has the shape of {@link
   * SandboxOptions#load()}.
   *
   * @param number from 0 to 999,999,999
   */
  public static Member load(String tenant, int number) {
    return new Member(
        tenant,
        "load-member-" + number,
        "Loadina",
        "Testcase" + number,
        LocalDate.of(1950, 1, 1).plusDays(number % 20_000),
        "female",
        "LOAD-" + number,
        List.of("load-" + number),
        Scenario.PLAIN,
        null,
        null,
        false);
  }

  Optional<Member> byCoverage(String tenant, String coverageId) {
    Matcher load = LOAD_COVERAGE.matcher(coverageId);
    if (load.matches()) {
      return Optional.of(load(tenant, Integer.parseInt(load.group(1))));
    }
    return samples.stream()
        .filter(m -> m.tenant().equals(tenant) && m.coverageId().equals(coverageId))
        .findFirst();
  }

  Optional<Member> byGroup(String tenant, String groupId) {
    Matcher load = LOAD_GROUP.matcher(groupId);
    if (load.matches()) {
      return Optional.of(load(tenant, Integer.parseInt(load.group(1))));
    }
    return samples.stream()
        .filter(m -> m.tenant().equals(tenant) && m.groups().contains(groupId))
        .findFirst();
  }

  static boolean isLoadGroup(String groupId) {
    return LOAD_GROUP.matcher(groupId).matches();
  }
}
