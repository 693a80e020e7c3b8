package org.payerexchange.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.payerexchange.auth.Credentials;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.TokenExtras;
import org.payerexchange.auth.Tokens;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.PlainPayer;
import org.payerexchange.support.TestBundle;

/** Calls that need a token, each payer's at a gateway of its own. */
final class TokenCalls implements AutoCloseable {
  static final String TOKEN_PATH = "/token";
  static final String FILE = "/v1/bison/file";

  private final TestBundle bundle;
  private int payers;

  TokenCalls(Path folder) throws Exception {
    bundle = TestBundle.in(folder).start();
  }

  /** One that nobody has asked for yet. */
  Payer payer(
      Gateway gateway, String clientId, Credentials credentials, TokenAuth way, boolean encode) {
    return payer(gateway, clientId, credentials, way, encode, TokenExtras.NONE);
  }

  /** The same, with an endpoint that wants more. */
  Payer payer(
      Gateway gateway,
      String clientId,
      Credentials credentials,
      TokenAuth way,
      boolean encode,
      TokenExtras extras) {
    return PlainPayer.of(
        new TokenClient(
            TokenClient.Kind.PAYER,
            "bison-" + payers++,
            URI.create(gateway.url() + TOKEN_PATH),
            clientId,
            credentials,
            way,
            encode,
            "read",
            extras,
            false),
        URI.create(gateway.url() + "/v1/bison"),
        Set.of(),
        Set.of(),
        new OneUp(),
        8);
  }

  /** Asks for the file. */
  Exception call(Payer payer) {
    URI base = payer.baseUrl();
    URI file = URI.create(base.getScheme() + "://" + base.getAuthority() + FILE);
    PayerRequest request = PayerRequest.get(payer, file, Map.of(), Set.of(200));
    return bundle
        .template()
        .send("direct:call-payer", exchange -> exchange.getMessage().setBody(request))
        .getException();
  }

  TransferException failure(Payer payer) {
    Exception exception = call(payer);
    assertThat(exception).isInstanceOf(TransferException.class);
    return (TransferException) exception;
  }

  /** Asks for another token. */
  void renew(Payer payer) {
    bundle.bean("tokens", Tokens.class).renew(payer.client());
  }

  @Override
  public void close() {
    bundle.close();
  }
}
