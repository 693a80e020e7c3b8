package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.Set;
import java.util.function.Function;

/** Lets no client ask for a token but the registered one, as it is registered. */
final class ClientCheck {
  private static final String ASSERTION_TYPE =
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  private final RegisteredClient client;
  private final Faults faults;
  private final Assertions assertions;
  private final Function<TokenRequest, Set<URI>> endpoints;

  /**
   * @param endpoints what the token endpoint calls itself that a request was sent to
   */
  ClientCheck(SandboxOptions options, Faults faults, Function<TokenRequest, Set<URI>> endpoints) {
    this.client = options.client();
    this.faults = faults;
    this.assertions = new Assertions(client, options.clock());
    this.endpoints = endpoints;
  }

  /**
   * Looks at who asks.
   *
   * @return how it has shown that
   * @throws GatewayRefusal for anybody else: 400 {@code invalid_request} for more than one way at
   *     once, else 401 {@code invalid_client}
   */
  AuthMethod require(TokenRequest request) {
    Set<AuthMethod> methods = request.methods();
    if (methods.size() > 1) {
      throw TokenRequest.refusal(400, "invalid_request", "One way to authenticate, and no more");
    }
    if (faults.isDue(Fault.CLIENT_REFUSED) || methods.isEmpty()) {
      throw invalid(request, "Invalid client or Invalid client credentials");
    }
    AuthMethod method = methods.iterator().next();
    if (!client.methods().contains(method)
        || (method == AuthMethod.CLIENT_SECRET_POST && faults.isDue(Fault.BASIC_ONLY))) {
      throw invalid(request, "The client is not registered for this way to authenticate");
    }
    switch (method) {
      case CLIENT_SECRET_POST ->
          require(
              request,
              isClient(request) && client.secret().equals(request.field("client_secret")),
              "Invalid client or Invalid client credentials");
      case CLIENT_SECRET_BASIC ->
          require(request, isBasic(request), "Invalid client or Invalid client credentials");
      case PRIVATE_KEY_JWT -> requireAssertion(request);
      case TLS_CLIENT_AUTH -> requireCertificate(request);
    }
    return method;
  }

  private boolean isClient(TokenRequest request) {
    return client.id().equals(request.field("client_id"));
  }

  /** Whether these are the client's id and secret, each form-encoded (RFC 6749, section 2.3.1). */
  private boolean isBasic(TokenRequest request) {
    String credentials =
        URLEncoder.encode(client.id(), UTF_8) + ":" + URLEncoder.encode(client.secret(), UTF_8);
    String expected = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    return expected.equals(request.authorization());
  }

  private void requireAssertion(TokenRequest request) {
    require(
        request,
        ASSERTION_TYPE.equals(request.field("client_assertion_type")),
        "client_assertion_type is not " + ASSERTION_TYPE);
    require(
        request,
        !request.form().containsKey("client_id") || isClient(request),
        "client_id is not that of the assertion");
    assertions
        .problem(request.field("client_assertion"), endpoints.apply(request))
        .ifPresent(
            problem -> {
              throw invalid(request, problem);
            });
  }

  private void requireCertificate(TokenRequest request) {
    require(request, isClient(request), "Invalid client or Invalid client credentials");
    ClientCertificate certificate =
        request
            .certificate()
            .orElseThrow(() -> invalid(request, "The client has shown no certificate"));
    require(request, !certificate.isSelfSigned(), "The certificate is signed by itself");
    require(
        request,
        certificate.isOf(client.sanUri()),
        "The certificate has not the URI that is registered");
  }

  private static void require(TokenRequest request, boolean good, String problem) {
    if (!good) {
      throw invalid(request, problem);
    }
  }

  private static GatewayRefusal invalid(TokenRequest request, String problem) {
    return request.refused("invalid_client", problem);
  }
}
