package org.payerexchange.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.support.TestKeys;

/** Keys of standards and keys in all forms, and what is said of those that must not be used. */
class SigningKeyTest {
  private static final String KEY = "p2p.payers.bison.private-key-file";
  private static final String PASSWORD = "key-secret-52ad";

  /** The EC key that the tests know, as {@code openssl pkcs8 -scrypt} encrypts it. */
  private static final String SCRYPT =
      """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIGzME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAhyPC/QwtEsBAICQAAC
      AQgCAQEwHQYJYIZIAWUDBAEqBBBPgB5WFPWXefLmHH73JYkeBGDx8IJ5xZZTvyI2
      rBNhhc/xXW24HUQS6dBGkAlT991uU3YDKFrWD1Rkz0n7A7qAXLa0W2mtJ7PYrtim
      0tCYMROd7d+m6XqaI1MDMc3zyVtID9SgkWkmFKUAReNrebuo+4E=
      -----END ENCRYPTED PRIVATE KEY-----
      """;

  /** The same by {@code -v2 des3}. */
  private static final String TRIPLE_DES =
      """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIGqME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAjj3gsxOoVn7gICCAAw
      DAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQIsCQbKohEGSQEWO91ozdGOVeAqbjo
      j9nd5fG8QHo4dhXnTDyBFs6ljv+e6CoLVYlVS0ecdy2rVnJSj40VYQQYMdywOLK2
      +NvBXixLh+gWhKlJVPu4g2v4TAG7XylPQ4HF2gw=
      -----END ENCRYPTED PRIVATE KEY-----
      """;

  /** The same as old tools encrypt it (PBES1). */
  private static final String PBES1 =
      """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MHgwHAYKKoZIhvcNAQwBAzAOBAg7OQ2EtYOdPAICCAAEWJWSToWt3LMh5TqmZ0ME
      T92PzX2/Hf+wxjj2GiBYBijs8SGExy9pSFT572mK2i0Yij50vERdtDBNC4uN9u1a
      +UIUERcpqVtKwosXVgBZPdCXQi0UIwjqPuE=
      -----END ENCRYPTED PRIVATE KEY-----
      """;

  @TempDir Path folder;

  @Test
  void thePublicPartsOfPrintedKeysAreAsTheirStandardsPrintThem() throws Exception {
    JWK rsa = loaded(TestKeys.RSA);
    JWK ec = loaded(TestKeys.P384);

    assertThat(rsa.getKeyID()).isEqualTo(TestKeys.RSA_THUMBPRINT);
    assertThat(((RSAKey) rsa).getModulus().toString()).startsWith("0vx7agoebGcQSuuPiLJXZptN9nndrQ");
    assertThat(
            isSignature(
                "SHA384withECDSAinP1363Format",
                ((AsymmetricJWK) ec).toPublicKey(),
                "sample",
                HexFormat.of().parseHex(TestKeys.P384_SIGNATURE)))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({"RS384, SHA384withRSA, 256", "ES384, SHA384withECDSAinP1363Format, 96"})
  void assertionsAreSignedAsTheJdkChecksThem(String algorithm, String jdk, int length)
      throws Exception {
    String key = algorithm.equals("RS384") ? TestKeys.RSA : TestKeys.P384;

    String[] parts = assertion(file("key", key)).split("\\.");

    assertThat(parts).hasSize(3);
    assertThat(new String(Base64.getUrlDecoder().decode(parts[0]), US_ASCII))
        .contains("\"alg\":\"" + algorithm + "\"");
    byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
    assertThat(signature).hasSize(length);
    PublicKey publicKey = ((AsymmetricJWK) JWK.parse(key)).toPublicKey();
    assertThat(isSignature(jdk, publicKey, parts[0] + "." + parts[1], signature)).isTrue();
  }

  @Test
  void aKeyIsTheSameInEveryForm() throws Exception {
    JWK rsa = JWK.parse(TestKeys.RSA);
    JWK ec = JWK.parse(TestKeys.P384);
    PrivateKey rsaPrivate = ((AsymmetricJWK) rsa).toPrivateKey();
    PrivateKey ecPrivate = ((AsymmetricJWK) ec).toPrivateKey();
    String ecPublic = TestKeys.pem(((AsymmetricJWK) ec).toPublicKey());

    String half = JWK.parse(TestKeys.P384).toPublicJWK().toJSONString();
    for (String form :
        List.of(
            "{\"keys\":[%s,%s]}".formatted(half, TestKeys.RSA),
            "\uFEFF" + TestKeys.RSA,
            "\uFEFF" + TestKeys.pem(rsaPrivate),
            TestKeys.pem(rsaPrivate),
            "Bag Attributes\n" + TestKeys.pem(rsaPrivate).replace("\n", "\r\n"))) {
      assertThat(loaded(form)).isEqualTo(loaded(TestKeys.RSA));
    }
    for (String form :
        List.of(
            TestKeys.pem(ecPrivate),
            TestKeys.pem(ecPrivate) + ecPublic,
            ecPublic + TestKeys.pem(ecPrivate),
            TestKeys.P384_ENCRYPTED,
            TestKeys.P384_ENCRYPTED.replace("\n", "\r\n"),
            PBES1)) {
      assertThat(loaded(form)).isEqualTo(loaded(TestKeys.P384));
    }
  }

  /** Whichever of the two points it is. */
  @Test
  void thePublicPartOfAnyEcKeyIsFound() throws Exception {
    for (int i = 0; i < 8; i++) {
      KeyPair pair = TestKeys.ec("secp384r1");

      JWK found = loaded(TestKeys.pem(pair.getPrivate()));

      assertThat(((AsymmetricJWK) found).toPublicKey()).isEqualTo(pair.getPublic());
    }
  }

  @Test
  void aKeyOfPkcs12IsReadWithTheEndOfItsCertificate() throws Exception {
    Path store = keytool("-keyalg", "EC", "-groupname", "secp384r1", "-validity", "2");

    JWK key = new SigningKey(KEY, store, PASSWORD, "").load(Instant.now());

    assertThat(key.getAlgorithm()).hasToString("ES384");
    assertThat(key.getExpirationTime()).isAfter(Instant.now());
    assertThat(assertion(store)).isNotEmpty();
  }

  @Test
  void theKeyIdIsTheConfiguredOneElseTheJwksElseTheThumbprint() throws Exception {
    String named = TestKeys.RSA.replace("{", "{\"kid\":\"own\",");

    assertThat(loaded(named).getKeyID()).isEqualTo("own");
    assertThat(new SigningKey(KEY, file("key", named), "", "mine").load(Instant.now()).getKeyID())
        .isEqualTo("mine");
  }

  @Test
  void whatMustNotBeUsedIsToldByItsConfigurationKeyInOneLine() throws Exception {
    PrivateKey rsa = TestKeys.rsa(2048).getPrivate();
    KeyPair ec = TestKeys.ec("secp384r1");
    KeyPair other = TestKeys.ec("secp384r1");
    KeyPair p256 = TestKeys.ec("secp256r1");
    KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Map<String, String> wrong =
        Map.ofEntries(
            Map.entry("", "is no JWK, no PEM (PKCS#8) and no PKCS#12 file"),
            Map.entry("no key at all", "is no JWK, no PEM (PKCS#8) and no PKCS#12 file"),
            Map.entry("{\"kty\":\"RSA\"", "cannot be read as a JWK"),
            Map.entry("{\"keys\":[]}", "holds no private key"),
            Map.entry(
                "{\"keys\":[%s,%s]}".formatted(TestKeys.RSA, TestKeys.P384),
                "holds more than one private key"),
            Map.entry(
                TestKeys.pem("EC PARAMETERS", new byte[] {6, 1, 1})
                    + TestKeys.pem("EC PRIVATE KEY", ec.getPrivate().getEncoded()),
                "openssl pkcs8 -topk8 -in OLD"),
            Map.entry(
                "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ\"}",
                "is neither an RSA nor an EC key"),
            Map.entry(JWK.parse(TestKeys.RSA).toPublicJWK().toJSONString(), "holds no private key"),
            Map.entry(
                TestKeys.RSA.replace("{", "{\"alg\":\"RS256\","),
                "is meant for RS256, and RS384 is needed"),
            Map.entry(
                TestKeys.P384.replace("{", "{\"use\":\"enc\","), "is not meant for signatures"),
            Map.entry(
                TestKeys.P384.replace("{", "{\"exp\":1500000000,"),
                "has expired at 2017-07-14T02:40:00Z"),
            Map.entry(
                TestKeys.RSA.replaceAll(",\\s*\"p\"(?s:.)*", "}").replace("X4cTteJY", "X4cTteJZ"),
                "do not belong together"),
            Map.entry(TestKeys.pem(TestKeys.rsa(1024).getPrivate()), "is an RSA key of 1024 bits"),
            Map.entry(
                TestKeys.pem(p256.getPrivate()) + TestKeys.pem(p256.getPublic()),
                "is an EC key of the curve P-256, and P-384 is needed"),
            Map.entry(TestKeys.pem(p256.getPrivate()), "is an EC key of the curve P-256"),
            Map.entry(
                TestKeys.pem(ec.getPrivate()) + TestKeys.pem(other.getPublic()),
                "do not belong together"),
            Map.entry(TestKeys.pem(edwards.getPrivate()), "is neither an RSA nor an EC key"),
            Map.entry(TestKeys.pem(rsa) + TestKeys.pem(rsa), "holds more than one private key"),
            Map.entry(TestKeys.pem(ec.getPublic()), "holds no private key"),
            Map.entry(
                TestKeys.pem("RSA PRIVATE KEY", rsa.getEncoded()), "openssl pkcs8 -topk8 -in OLD"),
            Map.entry(
                TestKeys.pem("PRIVATE KEY", "garbage".getBytes(US_ASCII)),
                "is neither an RSA nor an EC key"),
            Map.entry(SCRYPT, "in a way that Java does not open: openssl pkcs8 -topk8 -v2 aes256"),
            Map.entry(TRIPLE_DES, "in a way that Java does not open"),
            Map.entry("-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----", "as PEM"),
            Map.entry("x".repeat(70_000), "is longer than 65536 bytes"));

    List<String> untold = new ArrayList<>();
    for (Map.Entry<String, String> each : wrong.entrySet()) {
      String told = problem(file("key", each.getKey()), PASSWORD);
      assertThat(told).startsWith(KEY + ": '").hasLineCount(1);
      if (!told.contains(each.getValue())) {
        untold.add(each.getValue() + " <> " + told);
      }
    }
    assertThat(untold).isEmpty();
  }

  @Test
  void aFileThatIsNotThereAWrongPasswordAndAnExpiredCertificateAreToldLikewise() throws Exception {
    Path store = keytool("-keyalg", "RSA", "-keysize", "2048", "-validity", "1");
    Path pem = file("pem", TestKeys.P384_ENCRYPTED);

    assertThat(problem(folder.resolve("none"), ""))
        .isEqualTo("%s: there is no file '%s'".formatted(KEY, folder.resolve("none")));
    assertThat(problem(folder, "")).contains("there is no file");
    for (Path locked : List.of(store, pem)) {
      assertThat(problem(locked, "another"))
          .isEqualTo("%s: '%s' is not opened by its password".formatted(KEY, locked));
    }
    assertThatThrownBy(
            () ->
                new SigningKey(KEY, store, PASSWORD, "")
                    .load(Instant.now().plusSeconds(3 * 86_400)))
        .hasMessageStartingWith("%s: '%s' has expired at 20".formatted(KEY, store));
  }

  @Test
  void noPartOfAPrivateKeyIsPublished() throws Exception {
    SigningKey key = new SigningKey(KEY, file("key", TestKeys.RSA), "", "");
    SigningKey unusable = new SigningKey(KEY, folder.resolve("none"), "", "");
    PublicKeys keys = new PublicKeys(List.of(key, key, unusable), Clock.systemUTC());

    assertThat(keys.usable().toString()).contains("RS384").doesNotContain("X4cTteJY", "83i-7IvM");
    assertThat((List<?>) keys.usable().get("keys"))
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsOnlyKeys("kty", "n", "e", "use", "alg", "kid");
    assertThatThrownBy(keys::all).hasMessageContaining("there is no file");
  }

  @ParameterizedTest
  @CsvSource({"RS384, RSA", "ES384, EC"})
  void aNewKeyCanBeUsedAtOnce(NewKey kind, String type) throws Exception {
    Path file = Files.write(folder.resolve("new.jwk"), kind.make());

    JWK key = new SigningKey(KEY, file, "", "").load(Instant.now());

    assertThat(key.getAlgorithm()).hasToString(kind.name());
    assertThat(key.getKeyType()).hasToString(type);
    assertThat(key.getKeyID()).isEqualTo(key.computeThumbprint().toString());
  }

  private JWK loaded(String content) throws IOException {
    return new SigningKey(KEY, file("key", content), PASSWORD, "").load(Instant.now());
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static String problem(Path file, String password) {
    return assertThatThrownBy(() -> new SigningKey(KEY, file, password, "").load(Instant.now()))
        .isInstanceOf(IllegalArgumentException.class)
        .actual()
        .getMessage();
  }

  private static String assertion(Path key) {
    TokenClient client =
        new TokenClient(
            TokenClient.Kind.PAYER,
            "bison",
            URI.create("https://gateway.example/token"),
            "client",
            new Credentials(
                new ClientSecret("p2p.payers.bison", "", Optional.empty()),
                Optional.of(new SigningKey(KEY, key, PASSWORD, "")),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false),
            TokenAuth.PRIVATE_KEY_JWT,
            true,
            "",
            TokenExtras.NONE,
            false);
    Clock clock = Clock.fixed(Instant.now(), ZoneOffset.UTC);
    return ClientAuthentication.of(client, clock).form(client).get("client_assertion");
  }

  private static boolean isSignature(String algorithm, PublicKey key, String text, byte[] signature)
      throws Exception {
    Signature check = Signature.getInstance(algorithm);
    check.initVerify(key);
    check.update(text.getBytes(US_ASCII));
    return check.verify(signature);
  }

  private Path keytool(String... options) throws Exception {
    Path store = folder.resolve("store.p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "own",
                "-dname",
                "CN=own",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString()));
    command.addAll(List.of(options));
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.txt").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    return store;
  }
}
