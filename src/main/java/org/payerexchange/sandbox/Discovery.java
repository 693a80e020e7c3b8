package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JWSAlgorithm;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.Header;

/**
 * What the gateway says of its authorization server: {@code .well-known/smart-configuration} (SMART
 * App Launch 2.2), with the second token endpoint of RFC 8705, section 5.
 */
public final class Discovery {
  private final SandboxOptions options;
  private final Supplier<URI> tokenUrl;
  private final Supplier<Optional<URI>> mutualTlsTokenUrl;

  Discovery(
      SandboxOptions options, Supplier<URI> tokenUrl, Supplier<Optional<URI>> mutualTlsTokenUrl) {
    this.options = options;
    this.tokenUrl = tokenUrl;
    this.mutualTlsTokenUrl = mutualTlsTokenUrl;
  }

  /** The document; 404 for a tenant that is none. */
  public Answer document(@Header("tenant") String tenant) {
    if (!options.tenants().contains(tenant)) {
      throw GatewayRefusal.outcome(404, "not-found", "Tenant not found");
    }
    ObjectNode document = Answer.MAPPER.createObjectNode();
    document.put("token_endpoint", tokenUrl.get().toString());
    list(
        document,
        "token_endpoint_auth_methods_supported",
        options.client().methods().stream().map(AuthMethod::toString).toList());
    if (options.client().methods().contains(AuthMethod.PRIVATE_KEY_JWT)) {
      list(
          document,
          "token_endpoint_auth_signing_alg_values_supported",
          Assertions.ALGORITHMS.stream().map(JWSAlgorithm::getName).toList());
    }
    list(document, "grant_types_supported", List.of("client_credentials"));
    list(document, "scopes_supported", List.of(SandboxOptions.SCOPE));
    list(document, "capabilities", List.of("client-confidential-asymmetric", "permission-v1"));
    mutualTlsTokenUrl
        .get()
        .ifPresent(
            url -> {
              document
                  .put("tls_client_certificate_bound_access_tokens", true)
                  .putObject("mtls_endpoint_aliases")
                  .put("token_endpoint", url.toString());
            });
    return Answer.json(200, document).with("Cache-Control", "max-age=300");
  }

  private static void list(ObjectNode document, String name, List<String> values) {
    ArrayNode list = document.putArray(name);
    values.forEach(list::add);
  }
}
