package org.payerexchange.delivery.fhir;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.payerexchange.payer.PayerUrls;

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
  private final Pattern named;

  private ServerBase(URI base) {
    this.host = host(base);
    this.port = port(base);
    String below = path(base);
    this.path = below.endsWith("/") ? below : below + "/";
    this.named =
        Pattern.compile(Pattern.quote(host), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  /** That of a configured server. */
  static ServerBase of(FhirServer server) {
    return new ServerBase(URI.create(server.baseUrl()));
  }

  /** Whether a URL leads below it; one that is none does if it holds the server's name. */
  boolean covers(String url) {
    if (!named.matcher(url).find()) {
      return false;
    }
    if (url.length() > PayerUrls.LONGEST) {
      return true;
    }
    try {
      URI uri = new URI(url);
      return host.equals(host(uri))
          && port == port(uri)
          && (path(uri) + "/").regionMatches(true, 0, path, 0, path.length());
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
        url.getPath() == null ? "" : url.getPath().replaceAll(";[^/]*", "").replaceAll("/+", "/");
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
