package org.payerexchange.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.download.ResourceScanner.Verdict;
import org.payerexchange.ledger.FileKind;

class ResourceScannerTest {
  private static final ObjectMapper JACKSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceType\":\"Patient\"}",
        "{\"resourceType\":\"Patient\"}\r",
        " { \"resourceType\" : \"Patient\" , \"a\" : [ 1 , -0.5e+10 , true , false , null ] } ",
        "{\"id\":\"x\",\"resourceType\":\"Patient\"}",
        "{\"contained\":[{\"resourceType\":\"Organization\"}],\"resourceType\":\"Patient\"}",
        "{\"resourceType\":\"Patient\",\"a\":{},\"b\":[],\"c\":\"\"}",
        "{\"resourceType\":\"Patient\",\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}",
        "{\"resourceType\":\"Patient\",\"a\":\"Zoë – 漢字 – 😀\"}"
      })
  void aResourceOfTheAnnouncedTypeIsOne(String line) {
    assertThat(check(line)).isEqualTo(Verdict.RESOURCE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"resourceType\":\"Patients\"}|OTHER_TYPE",
        "{\"resourceType\":\"Patien\"}|OTHER_TYPE",
        "{\"resourceType\":7}|OTHER_TYPE",
        "{\"resourceType\":\"Group\",\"resourceType\":\"Patient\"}|OTHER_TYPE",
        "{\"resourceType\":\"Patient\",\"resourceType\":\"Patient\"}|AMBIGUOUS",
        "{\"resourceType\":\"Patient\",\"resource\\u0054ype\":\"Group\"}|OTHER_TYPE",
        "{\"resource\\u0054ype\":\"Patient\"}|AMBIGUOUS",
        "{\"resourceType\":\"Patient\",\"\\u0072esourceTyp\\u0065\":\"Patient\"}|AMBIGUOUS",
        "{\"resourceType\":\"Patient\",\"id\":\"1\",\"id\":\"2\"}|AMBIGUOUS",
        "{\"resourceType\":\"Patient\",\"id\":\"1\",\"\\u0069d\":\"2\"}|AMBIGUOUS",
        "{\"resourceType\":\"Patient\",\"\\u0069\\u0064\":\"2\"}|AMBIGUOUS",
        "{\"resourceType\":\"Patient\",\"idx\":1,\"i\":2,\"\\u0069e\":3,\"id\":\"4\"}|RESOURCE",
        "{\"resourceType\":\"Patient\",\"id\":\"1\",\"a\":{\"id\":\"2\",\"id\":\"3\"}}|RESOURCE",
        "{\"resource\":\"Patient\"}|NO_TYPE",
        "{}|NO_TYPE",
        "{\"contained\":{\"resourceType\":\"Patient\"}}|NO_TYPE",
        "''|BLANK",
        "' \t\r'|BLANK"
      })
  void anythingElseIsNamed(String line, Verdict verdict) {
    assertThat(check(line)).isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{\"resourceType\":\"Patient\"}|RESOURCE",
        "{\"id\":\"1\",\"resourceType\":\"ExplanationOfBenefit\"}|RESOURCE",
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"header\"}]}|HEADER",
        "{\"resourceType\":\"ParametersX\"}|RESOURCE",
        "{\"resourceType\":\"../../etc\"}|OTHER_TYPE",
        "{\"resourceType\":\"patient\"}|OTHER_TYPE",
        "{\"resourceType\":\"Pa\u00e9\"}|OTHER_TYPE",
        "{\"resourceType\":\"\"}|OTHER_TYPE",
        "{\"resourceType\":\"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}|OTHER_TYPE",
        "{\"resourceType\":7}|OTHER_TYPE",
        "{\"resourceType\":\"Patient\",\"resourceType\":\"Parameters\"}|AMBIGUOUS",
        "{\"id\":\"1\"}|NO_TYPE"
      })
  void whereAllTypesAreTakenATypeIsAPlainName(String line, Verdict verdict) {
    assertThat(check(line.getBytes(UTF_8), FileKind.ALL_TYPES)).isEqualTo(verdict);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"resourceType\":\"Patient\"}]",
        "\"Patient\"",
        "<html>",
        "{\"resourceType\":\"Patient\"",
        "{\"resourceType\":\"Patient\"}}",
        "{\"resourceType\":\"Patient\"}{\"resourceType\":\"Patient\"}",
        "{\"resourceType\":\"Patient\",}",
        "{\"resourceType\":\"Patient\",\"a\":[1,]}",
        "{\"resourceType\":\"Patient\",\"a\":01}",
        "{\"resourceType\":\"Patient\",\"a\":1.}",
        "{\"resourceType\":\"Patient\",\"a\":.5}",
        "{\"resourceType\":\"Patient\",\"a\":1e}",
        "{\"resourceType\":\"Patient\",\"a\":-}",
        "{\"resourceType\":\"Patient\",\"a\":NaN}",
        "{\"resourceType\":\"Patient\",\"a\":tru}",
        "{\"resourceType\":\"Patient\",\"a\":nul",
        "{\"resourceType\":\"Patient\",\"a\":\"\\x\"}",
        "{\"resourceType\":\"Patient\",\"a\":\"\\u12g4\"}",
        "{\"resourceType\":\"Patient\",\"a\":\"\\",
        "{\"resourceType\":\"Patient\",\"a\":\"\t\"}",
        "{\"resourceType\":\"Patient\",\"a\":\"open}",
        "{\"resourceType\":\"Patient\",a:1}",
        "{\"resourceType\":\"Patient\" \"a\":1}",
        "{\"resourceType\" \"Patient\"}",
        "{'resourceType':'Patient'}",
        "{\"resourceType\":\"Patient\",\"a\":[1}]"
      })
  void whatIsNotAWholeJsonObjectIsMalformed(String line) {
    assertThat(check(line)).isEqualTo(Verdict.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80",
        "bf",
        "c0af",
        "c1bf",
        "c3",
        "e08080",
        "e09fbf",
        "eda080",
        "f08080af",
        "f4908080",
        "ff"
      })
  void invalidUtf8IsMalformed(String hex) {
    byte[] bad = HexFormat.of().parseHex(hex);
    byte[] head = "{\"resourceType\":\"Patient\",\"a\":\"".getBytes(UTF_8);
    byte[] line = Arrays.copyOf(head, head.length + bad.length + 2);
    System.arraycopy(bad, 0, line, head.length, bad.length);
    line[line.length - 2] = '"';
    line[line.length - 1] = '}';
    assertThat(check(line)).isEqualTo(Verdict.MALFORMED);
  }

  @Test
  void nestingHasABound() {
    assertThat(
            check("{\"resourceType\":\"Patient\",\"a\":" + "[".repeat(400) + "]".repeat(400) + "}"))
        .isEqualTo(Verdict.RESOURCE);
    assertThat(
            check(
                "{\"resourceType\":\"Patient\",\"a\":"
                    + "[".repeat(9_000)
                    + "]".repeat(9_000)
                    + "}"))
        .isEqualTo(Verdict.MALFORMED);
  }

  @Test
  void itAgreesWithJacksonAboutMutilatedResources() throws Exception {
    byte[] good =
        """
        {"resourceType":"Patient","id":"p-1","active":true,"n":[-12.5e3,0,null],"name":[{"family":"O\\u0301 \\"D\\"","given":["Zoë"]}]}\
        """
            .getBytes(UTF_8);
    byte[] alphabet = "{}[]\",:\\ \t0123456789.-+eEtruefalsn\u00e9x".getBytes(UTF_8);
    Random random = new Random(20_261_123);
    for (int round = 0; round < 200_000; round++) {
      byte[] line = good.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        line[random.nextInt(line.length)] = alphabet[random.nextInt(alphabet.length)];
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(line.length + 1) : line.length;
      byte[] cut = Arrays.copyOf(line, length);
      assertThat(check(cut) != Verdict.MALFORMED)
          .as(new String(cut, UTF_8))
          .isEqualTo(isBlank(cut) || isObject(cut));
    }
  }

  private static boolean isBlank(byte[] line) {
    return new String(line, UTF_8).isBlank();
  }

  private static boolean isObject(byte[] line) throws IOException {
    try {
      JsonNode tree = JACKSON.readTree(line);
      return tree.isObject();
    } catch (JsonProcessingException | CharConversionException bad) {
      return false;
    }
  }

  private static Verdict check(String line) {
    return check(line.getBytes(UTF_8));
  }

  private static Verdict check(byte[] line) {
    return check(line, "Patient");
  }

  private static Verdict check(byte[] line, String type) {
    byte[] bytes = Arrays.copyOf(line, line.length + 1 + ResourceScanner.SLACK);
    bytes[line.length] = '\n';
    Arrays.fill(bytes, line.length + 1, bytes.length, (byte) '"');
    ResourceScanner scanner = new ResourceScanner(type);
    Verdict verdict = scanner.check(bytes, 0);
    if (verdict != Verdict.MALFORMED) {
      assertThat(scanner.end()).isEqualTo(line.length + 1);
    }
    return verdict;
  }
}
