package org.payerexchange.support;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;

/**
 * An authority that signs the certificates of clients.
 *
 * @param folder where its files lie
 * @param store holds its own key, and those that it has signed
 * @param trustStore trusts it and nothing else
 */
public record TestAuthority(Path folder, Path store, Path trustStore) {
  private static final String CA = "authority";

  /** Makes one in a folder of its own. */
  public static TestAuthority make(Path folder) throws Exception {
    Files.createDirectories(folder);
    Path store = folder.resolve("authority.p12");
    TestCertificate.keytool(
        store, "-alias", CA, "-dname", "CN=authority", "-keyalg", "EC", "-ext", "bc:c");
    Certificate own = TestCertificate.open(store.toFile()).getCertificate(CA);
    return new TestAuthority(folder, store, TestCertificate.trusting(folder, CA, own));
  }

  /** Signs a certificate that has this URI and is good for so many days. */
  public TestCertificate sign(String name, String uri, int days) throws Exception {
    return sign(name, uri, "+0d", days);
  }

  /** Signs one whose time is over. */
  public TestCertificate signEnded(String name, String uri) throws Exception {
    return sign(name, uri, "-9d", 7);
  }

  /** Signs one whose time begins tomorrow. */
  public TestCertificate signFuture(String name, String uri) throws Exception {
    return sign(name, uri, "+1d", 7);
  }

  /** A store that trusts it, and this certificate as well. */
  public Path trustStoreWith(TestCertificate other) throws Exception {
    KeyStore both = TestCertificate.open(trustStore.toFile());
    both.setCertificateEntry("other", other.certificate());
    return TestCertificate.save(both, folder.resolve("both-trust.p12"));
  }

  private TestCertificate sign(String name, String uri, String start, int days) throws Exception {
    TestCertificate.keytool(
        store,
        "-alias",
        name,
        "-dname",
        "CN=" + name,
        "-keyalg",
        "RSA",
        "-keysize",
        "2048",
        "-startdate",
        start,
        "-validity",
        Integer.toString(days),
        "-ext",
        "san=uri:" + uri,
        "-signer",
        CA);
    char[] password = TestCertificate.PASSWORD.toCharArray();
    KeyStore all = TestCertificate.open(store.toFile());
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    own.setKeyEntry(name, all.getKey(name, password), password, all.getCertificateChain(name));
    return new TestCertificate(
        TestCertificate.save(own, folder.resolve(name + "-key.p12")), trustStore);
  }
}
