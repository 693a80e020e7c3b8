package org.payerexchange.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate in stores as TLS needs them on both sides.
 *
 * @param keyStore holds it with its key
 * @param trustStore trusts who signed it and nothing else
 */
public record TestCertificate(Path keyStore, Path trustStore) {
  /** Opens each of the stores. */
  public static final String PASSWORD = "store-secret-81c2";

  /** How often a password is hashed, at each look at a store; nobody is to guess these. */
  private static final List<String> COUNTS =
      List.of(
          "keystore.pkcs12.certPbeIterationCount",
          "keystore.pkcs12.keyPbeIterationCount",
          "keystore.pkcs12.macIterationCount");

  private static final String FEW = "100";

  static {
    COUNTS.forEach(count -> System.setProperty(count, FEW));
  }

  /** Makes one that signs itself, for 127.0.0.1, and its stores in this folder. */
  public static TestCertificate make(Path folder, String name) throws Exception {
    Path keyStore = folder.resolve(name + "-key.p12");
    keytool(
        keyStore,
        "-alias",
        name,
        "-dname",
        "CN=" + name,
        "-keyalg",
        "EC",
        "-validity",
        "2",
        "-ext",
        "san=ip:127.0.0.1");
    return new TestCertificate(
        keyStore, trusting(folder, name, open(keyStore.toFile()).getCertificate(name)));
  }

  /** Makes a key and its certificate in a store, by these options of keytool's -genkeypair. */
  static void keytool(Path store, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.add("-J-XX:TieredStopAtLevel=1");
    COUNTS.forEach(count -> command.add("-J-D%s=%s".formatted(count, FEW)));
    command.addAll(List.of("-genkeypair", "-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", store.toString()));
    command.addAll(List.of(options));
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(store.resolveSibling("keytool.txt").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
  }

  /** A store that trusts this certificate and nothing else. */
  static Path trusting(Path folder, String name, Certificate certificate) throws Exception {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry(name, certificate);
    return save(trust, folder.resolve(name + "-trust.p12"));
  }

  /** A store of nothing, as openssl's -nokeys leaves it for Java. */
  public static Path empty(Path folder) throws Exception {
    KeyStore nothing = KeyStore.getInstance("PKCS12");
    nothing.load(null, null);
    return save(nothing, folder.resolve("empty.p12"));
  }

  /** Writes a store into a file. */
  static Path save(KeyStore store, Path file) throws Exception {
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, PASSWORD.toCharArray());
    }
    return file;
  }

  /** A store that holds this certificate with another one's key. */
  public Path withKeyOf(TestCertificate other) throws Exception {
    KeyStore theirs = open(other.keyStore.toFile());
    KeyStore own = open(keyStore.toFile());
    String alias = own.aliases().nextElement();
    char[] password = PASSWORD.toCharArray();
    own.setKeyEntry(
        alias,
        theirs.getKey(theirs.aliases().nextElement(), password),
        password,
        own.getCertificateChain(alias));
    return save(own, keyStore.resolveSibling("mixed.p12"));
  }

  /** A store that holds this certificate with its key, and a secret key beside it. */
  public Path withSecretKey() throws Exception {
    KeyStore own = open(keyStore.toFile());
    own.setEntry(
        "another",
        new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[32], "AES")),
        new KeyStore.PasswordProtection(PASSWORD.toCharArray()));
    return save(own, keyStore.resolveSibling("with-secret-key.p12"));
  }

  /** TLS that shows this certificate to a server that shows that one. */
  public SSLContext showingTo(TestCertificate server) throws Exception {
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(open(keyStore.toFile()), PASSWORD.toCharArray());
    return server.tls(own.getKeyManagers());
  }

  /** TLS that trusts who signed this certificate, and shows none itself. */
  public SSLContext trusting() throws Exception {
    return tls(null);
  }

  private SSLContext tls(KeyManager[] own) throws Exception {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(open(trustStore.toFile()));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own, trust.getTrustManagers(), null);
    return context;
  }

  /** The certificate as PEM, beside the stores. */
  public Path pem() throws Exception {
    return pem("CERTIFICATE", certificate().getEncoded());
  }

  /** Its key as PEM, readable for its owner alone, beside the stores. */
  public Path keyPem() throws Exception {
    KeyStore store = open(keyStore.toFile());
    byte[] key = store.getKey(store.aliases().nextElement(), PASSWORD.toCharArray()).getEncoded();
    Path file = pem("PRIVATE KEY", key);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  /** The certificate itself. */
  public Certificate certificate() throws Exception {
    KeyStore store = open(keyStore.toFile());
    return store.getCertificate(store.aliases().nextElement());
  }

  private Path pem(String what, byte[] content) throws Exception {
    String text =
        "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
            .formatted(what, Base64.getMimeEncoder().encodeToString(content));
    Path file = Path.of(keyStore + "." + what.replace(' ', '-') + ".pem");
    return Files.writeString(file, text);
  }

  static KeyStore open(File file) throws Exception {
    return KeyStore.getInstance(file, PASSWORD.toCharArray());
  }
}
