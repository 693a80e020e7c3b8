package org.payerexchange.sandbox;

import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * How a sandbox gateway behaves.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one
 * @param storePort the port of the store that {@link Fault#REDIRECTED} leads to; 0 takes a free one
 * @param brokerPort where the embedded broker listens; 0 takes a free one; empty: no broker
 * @param tenants the payers that this gateway speaks for, the {@code {tenant}} of its paths
 * @param client the OAuth2 client that may ask for tokens
 * @param mutualTls a second port for clients with certificates; empty: none
 * @param tokenLifetime how long a token is good
 * @param runningPolls how often the status of a job is "Running" before it is final
 * @param retryAfter the Retry-After of a running job's status, where one is sent
 * @param matchAnswer where {@code $member-match} puts the groupId, for members that do not say so
 *     themselves
 * @param kickOffAnswer how {@code $export} names the job, for members that do not say so themselves
 * @param load what a load member's export holds (see {@link Members#load})
 * @param pdex how it speaks PDex
 * @param hrex how it speaks HRex
 * @param bytesPerSecond what all file responses together may send; 0: no limit
 * @param ranges whether Range requests are honoured
 * @param gzip whether stored files are compressed for clients that accept it
 * @param seed of the synthetic data and of random faults
 * @param clock of token lifetimes and time stamps
 */
public record SandboxOptions(
    String host,
    int port,
    int storePort,
    OptionalInt brokerPort,
    Set<String> tenants,
    RegisteredClient client,
    Optional<MutualTls> mutualTls,
    Duration tokenLifetime,
    int runningPolls,
    Optional<Duration> retryAfter,
    GroupIdPlace matchAnswer,
    KickOffAnswer kickOffAnswer,
    LoadShape load,
    PdexOptions pdex,
    HrexOptions hrex,
    long bytesPerSecond,
    boolean ranges,
    boolean gzip,
    long seed,
    Clock clock) {

  /** The client id that the sandbox knows unless told otherwise. */
  public static final String DEFAULT_CLIENT_ID = "sandbox-client";

  /** The secret of {@link #DEFAULT_CLIENT_ID}; it opens nothing but a sandbox. */
  public static final String DEFAULT_CLIENT_SECRET = "sandbox-secret-of-no-value";

  /** The scope that a token has to be asked for, as the gateway's documentation prints it. */
  public static final String SCOPE = "member-match|read";

  /** A sandbox on a free loopback port with two tenants and no broker. */
  public static SandboxOptions defaults() {
    return builder().build();
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The client's id. */
  public String clientId() {
    return client.id();
  }

  /** The client's secret. */
  public String clientSecret() {
    return client.secret();
  }

  @Override
  public String toString() {
    return "SandboxOptions[host=%s, port=%d, tenants=%s, %s]"
        .formatted(host, port, tenants, client);
  }

  /** Collects options; every one has a default. */
  public static final class Builder {
    private String host = "127.0.0.1";
    private int port;
    private int storePort;
    private OptionalInt brokerPort = OptionalInt.empty();
    private Set<String> tenants = new LinkedHashSet<>(List.of("bison", "heron"));
    private RegisteredClient client =
        RegisteredClient.withSecret(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
    private Optional<MutualTls> mutualTls = Optional.empty();
    private Duration tokenLifetime = Duration.ofMinutes(5);
    private int runningPolls = 1;
    private Optional<Duration> retryAfter = Optional.empty();
    private GroupIdPlace matchAnswer = GroupIdPlace.TOP_LEVEL;
    private KickOffAnswer kickOffAnswer = KickOffAnswer.OPERATION_OUTCOME;
    private LoadShape load = new LoadShape(6, 4096);
    private final PdexOptions.Builder pdex = new PdexOptions.Builder();
    private HrexOptions hrex = HrexOptions.defaults();
    private long bytesPerSecond;
    private boolean ranges = true;
    private boolean gzip;
    private long seed = 20260101;
    private Clock clock = Clock.systemUTC();

    private Builder() {}

    public Builder host(String value) {
      host = value;
      return this;
    }

    public Builder port(int value) {
      port = value;
      return this;
    }

    public Builder storePort(int value) {
      storePort = value;
      return this;
    }

    public Builder brokerPort(int value) {
      brokerPort = OptionalInt.of(value);
      return this;
    }

    public Builder tenants(Set<String> value) {
      tenants = new LinkedHashSet<>(value);
      return this;
    }

    public Builder client(UnaryOperator<RegisteredClient> change) {
      client = change.apply(client);
      return this;
    }

    public Builder mutualTls(MutualTls value) {
      mutualTls = Optional.of(value);
      return this;
    }

    public Builder tokenLifetime(Duration value) {
      tokenLifetime = value;
      return this;
    }

    public Builder runningPolls(int value) {
      runningPolls = value;
      return this;
    }

    public Builder retryAfter(Duration value) {
      retryAfter = Optional.of(value);
      return this;
    }

    public Builder matchAnswer(GroupIdPlace value) {
      matchAnswer = value;
      return this;
    }

    public Builder kickOffAnswer(KickOffAnswer value) {
      kickOffAnswer = value;
      return this;
    }

    public Builder load(LoadShape value) {
      load = value;
      return this;
    }

    public Builder pdex(Consumer<PdexOptions.Builder> change) {
      change.accept(pdex);
      return this;
    }

    public Builder hrex(HrexOptions value) {
      hrex = value;
      return this;
    }

    public Builder bytesPerSecond(long value) {
      bytesPerSecond = value;
      return this;
    }

    public Builder ranges(boolean value) {
      ranges = value;
      return this;
    }

    public Builder gzip(boolean value) {
      gzip = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public Builder clock(Clock value) {
      clock = value;
      return this;
    }

    public SandboxOptions build() {
      return new SandboxOptions(
          host,
          port,
          storePort,
          brokerPort,
          Collections.unmodifiableSet(new LinkedHashSet<>(tenants)),
          client,
          mutualTls,
          tokenLifetime,
          runningPolls,
          retryAfter,
          matchAnswer,
          kickOffAnswer,
          load,
          pdex.build(),
          hrex,
          bytesPerSecond,
          ranges,
          gzip,
          seed,
          clock);
    }
  }
}
