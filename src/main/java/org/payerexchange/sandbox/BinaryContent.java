package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Locale;
import java.util.Set;

/** A file that is kept as a FHIR Binary, as HL7's reference server keeps all of them. */
final class BinaryContent implements Content {
  private static final String JSON = "application/fhir+json";
  private static final Set<String> PLAIN =
      Set.of("", "*/*", "application/json", "application/ndjson");

  private final StoredContent content;
  private final boolean always;

  /**
   * @param always whether it comes as a Binary to everybody, whatever is accepted
   */
  BinaryContent(StoredContent content, boolean always) {
    this.content = content;
    this.always = always;
  }

  @Override
  public Content asked(String accept) {
    String wanted =
        accept == null ? "" : accept.split("[;,]", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!always && (PLAIN.contains(wanted) || wanted.equals(content.mediaType()))) {
      return content;
    }
    String data = Base64.getEncoder().encodeToString(content.read(0, (int) content.length()));
    if (!always && wanted.equals(NDJSON)) {
      return wrapped(
          """
          <Binary xmlns="http://hl7.org/fhir">
             <contentType value="%s"/>
             <data value="%s"/>
          </Binary>
          """
              .formatted(content.mediaType(), data),
          NDJSON);
    }
    return wrapped(
        Answer.MAPPER
            .createObjectNode()
            .put("resourceType", "Binary")
            .put("contentType", content.mediaType())
            .put("data", data)
            .toString(),
        JSON);
  }

  private Content wrapped(String text, String mediaType) {
    return new StoredContent(
        content.resourceType(), content.resources(), text.getBytes(UTF_8), mediaType);
  }

  @Override
  public String resourceType() {
    return content.resourceType();
  }

  @Override
  public long resources() {
    return content.resources();
  }

  @Override
  public long length() {
    return content.length();
  }

  @Override
  public byte[] read(long position, int size) {
    return content.read(position, size);
  }
}
