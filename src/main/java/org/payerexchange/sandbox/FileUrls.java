package org.payerexchange.sandbox;

/** Writes the URLs of files into manifests, as they are or as faults want them. */
final class FileUrls {
  private final Faults faults;

  FileUrls(Faults faults) {
    this.faults = faults;
  }

  /**
   * A file's URL.
   *
   * @param host of the request that is answered
   * @param origin where the file is said to lie
   * @param folder the path before the file's name, with a slash at its end
   */
  String of(String host, String origin, String folder, FilePath name) {
    String url = asFaultsWant(host, origin) + folder + name;
    return faults.isDue(Fault.SIGNED_LINKS) ? url + "?" + FilePath.SIGNATURE + "=0f1e2d" : url;
  }

  private String asFaultsWant(String host, String origin) {
    if (faults.isDue(Fault.FOREIGN_FILES)) {
      return "http://localhost:" + host.substring(host.lastIndexOf(':') + 1);
    }
    return faults.isDue(Fault.INNER_URLS) ? inner(host) : origin;
  }

  /** As a gateway behind a proxy calls itself. */
  static String inner(String host) {
    return "https://" + host.replaceAll(":\\d+$", "") + ":8443";
  }

  /** The same on a host that nobody knows. */
  static String foreign(String url) {
    return url.replaceFirst("//[^/:]+", "//elsewhere.example");
  }

  /** The gateway as its caller knows it. */
  static String origin(String host) {
    return "http://" + host;
  }
}
