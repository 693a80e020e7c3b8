package org.payerexchange.support;

import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.auth.ClientSecret;
import org.payerexchange.auth.Credentials;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.TokenExtras;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.ExtraHeaders;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.TokenOnFiles;

/** Payers, and clients of theirs, of which a test says no more than it needs. */
public final class PlainPayer {
  private PlainPayer() {}

  /** A payer that wants no header of its own. */
  public static Payer of(
      TokenClient client,
      URI baseUrl,
      Set<String> aliasHosts,
      Set<String> trustedHosts,
      Dialect dialect,
      int maxParallelRequests) {
    return new Payer(
        client,
        baseUrl,
        aliasHosts,
        Set.of(),
        trustedHosts,
        dialect,
        maxParallelRequests,
        ExtraHeaders.NONE,
        TokenOnFiles.MANIFEST,
        false,
        CallLimits.NONE);
  }

  /** A payer whose token endpoint is not asked. */
  public static Payer of(String id, URI baseUrl, Dialect dialect) {
    return of(
        id,
        baseUrl,
        URI.create("http://localhost/token"),
        "client",
        "secret",
        "",
        Set.of(),
        Set.of(),
        dialect,
        8);
  }

  /** A payer whose token endpoint is asked as the 1upHealth page prints it, and no http. */
  public static Payer of(
      String id,
      URI baseUrl,
      URI tokenUrl,
      String clientId,
      String clientSecret,
      String scope,
      Set<String> aliasHosts,
      Set<String> trustedHosts,
      Dialect dialect,
      int maxParallelRequests) {
    return of(
        client(
            TokenClient.Kind.PAYER,
            id,
            tokenUrl,
            clientId,
            clientSecret,
            TokenAuth.CLIENT_SECRET_POST,
            true,
            scope,
            false),
        baseUrl,
        aliasHosts,
        trustedHosts,
        dialect,
        maxParallelRequests);
  }

  /** A client with a secret. */
  public static TokenClient client(
      TokenClient.Kind kind,
      String name,
      URI tokenUrl,
      String clientId,
      String clientSecret,
      TokenAuth tokenAuth,
      boolean encodeCredentials,
      String scope,
      boolean allowHttp) {
    return new TokenClient(
        kind,
        name,
        tokenUrl,
        clientId,
        credentials(new ClientSecret(kind.keys(name), clientSecret, Optional.empty())),
        tokenAuth,
        encodeCredentials,
        scope,
        TokenExtras.NONE,
        allowHttp);
  }

  /** What shows a secret alone. */
  public static Credentials credentials(ClientSecret secret) {
    return new Credentials(
        secret, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);
  }
}
