package org.payerexchange.delivery.fhir;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * The FHIR server's own base URL, to be recognized in a payer's resources however it is written
 * there: the server would take a URL below it for a reference to one of its own resources, whoever
 * that belongs to.
 */
final class ServerBase {
  private static final int HTTPS = 443;

  private final String host;
  private final int port;
  private final String path;

  private ServerBase(URI base) {
    this.host = host(base);
    this.port = port(base);
    this.path = path(base);
  }

  /** That of a configured server. */
  static ServerBase of(FhirServer server) {
    return new ServerBase(URI.create(server.baseUrl()));
  }

  /** Whether a URL leads below it; one that is none does if it holds the server's name. */
  boolean covers(String url) {
    if (!url.toLowerCase(Locale.ROOT).contains(host)) {
      return false;
    }
    try {
      URI uri = new URI(url);
      return host.equals(host(uri))
          && port == port(uri)
          && (path(uri) + "/").startsWith(path.endsWith("/") ? path : path + "/");
    } catch (URISyntaxException unreadable) {
      return true;
    }
  }

  private static String host(URI url) {
    String host = url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /** HTTP and HTTPS are taken for the same: one may be turned into the other on the way. */
  private static int port(URI url) {
    return url.getPort() < 0 || url.getPort() == 80 ? HTTPS : url.getPort();
  }

  private static String path(URI url) {
    String decoded =
        url.getPath() == null
            ? ""
            : url.getPath().replaceAll(";[^/]*", "").replaceAll("/+", "/").toLowerCase(Locale.ROOT);
    try {
      return new URI(null, null, decoded, null)
          .normalize()
          .getPath()
          .replaceFirst("^(/\\.\\.)+(?=/|$)", "");
    } catch (URISyntaxException unreadable) {
      return decoded;
    }
  }
}
