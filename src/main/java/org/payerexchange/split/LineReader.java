package org.payerexchange.split;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.delivery.fhir.ResourceVersion;
import org.payerexchange.http.JsonLimits;

/**
 * Reads from a line whom it is about and what it refers to, token by token: whatever else it holds
 * is passed over. References are the {@code reference} of any element, contained ones and
 * extensions included, and the {@code url} of what leads to a Binary. One that describes what it
 * means by an identifier alone names nothing, but as an owner, or a target, it counts as one who is
 * not known. Of an element that is there twice both count, since nobody knows which of them a
 * reader takes. Not thread-safe.
 */
final class LineReader {
  private static final int LONGEST_ID = 256;
  private static final int MOST_LINKS = 100_000;
  private static final String TOO_LONG = "?";
  private static final String BINARY = "Binary";
  private static final String PATIENT = "Patient";

  /** What a Reference tells of its target; without any it is absent, whatever it says of that. */
  private static final Set<String> TELLING = Set.of("reference", "identifier", "display", "type");

  /** What it leads to is a Patient, wherever it stands. */
  private static final String OF_A_PATIENT = "patient";

  private static final JsonMapper JSON = JsonLimits.resources(Long.MAX_VALUE).build();

  private final Links references;
  private JsonParser json;
  private Ownership ownership;
  private List<Link> owners;
  private List<Link> links;
  private String id;
  private boolean ofSomebody;
  private String versionId;
  private String lastUpdated;

  /** For lines of one payer. */
  LineReader(Links references) {
    this.references = references;
  }

  /**
   * Reads a line.
   *
   * @param line a JSON object
   * @param whose how the owner of its type is found
   * @return empty if it is nested deeper or refers to more than anybody needs, or is no JSON
   */
  Optional<LineFacts> read(byte[] line, Ownership whose) {
    ownership = whose;
    owners = new ArrayList<>(2);
    links = new ArrayList<>(8);
    id = "";
    ofSomebody = false;
    versionId = "";
    lastUpdated = "";
    try (JsonParser parser = JSON.createParser(line)) {
      json = parser;
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      resource();
      if (json.nextToken() != null) {
        return Optional.empty();
      }
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    return Optional.of(
        new LineFacts(id, ResourceVersion.of(versionId, lastUpdated), owners, links, ofSomebody));
  }

  private void resource() throws IOException {
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken value = json.nextToken();
      if (name.equals("id") && value == JsonToken.VALUE_STRING) {
        id = json.getTextLength() <= LONGEST_ID ? json.getText() : "";
      } else if (name.equals("meta") && value == JsonToken.START_OBJECT && ownership.isShared()) {
        meta();
      } else {
        element(name, value, name.equals(ownership.element()) ? owners : links);
      }
    }
  }

  private void meta() throws IOException {
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken value = json.nextToken();
      if (name.equals("versionId") && value.isScalarValue()) {
        versionId = json.getText();
      } else if (name.equals("lastUpdated") && value.isScalarValue()) {
        lastUpdated = json.getText();
      } else {
        element(name, value, links);
      }
    }
  }

  /** Reads an element; what a Reference, or a list of them, names goes to a list of its own. */
  private void element(String name, JsonToken value, List<Link> direct) throws IOException {
    if (value == JsonToken.START_OBJECT) {
      object(name, direct);
    } else if (value == JsonToken.START_ARRAY) {
      for (JsonToken item = json.nextToken();
          item != JsonToken.END_ARRAY;
          item = json.nextToken()) {
        element(name, item, direct);
      }
    } else if (direct == owners && value != JsonToken.VALUE_NULL) {
      note(Link.UNKNOWN, owners);
    }
  }

  private void object(String element, List<Link> direct) throws IOException {
    boolean shared = ownership.isShared();
    boolean named = false;
    boolean patient = false;
    boolean told = false;
    String type = "";
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken value = json.nextToken();
      told |= TELLING.contains(name);
      if (value != JsonToken.VALUE_STRING) {
        element(name, value, links);
        continue;
      }
      switch (name) {
        case "reference" -> named |= reference(direct);
        case "url" -> attachment();
        case "type" -> {
          type = shared || direct == owners ? type() : "";
          patient |= type.equals(PATIENT);
        }
        case "resourceType" -> ofSomebody |= shared && !Ownership.of(json.getText()).isShared();
        default -> {}
      }
    }
    if (told && !named) {
      described(element, patient ? PATIENT : type, direct);
    }
  }

  /** The type that a Reference tells; empty where it is none. */
  private String type() throws IOException {
    String text = json.getTextLength() <= LONGEST_ID ? json.getText() : "";
    return text.substring(text.lastIndexOf('/') + 1);
  }

  /** Takes what is no reference, or one that names nothing: an identifier, a name perhaps. */
  private void described(String element, String type, List<Link> direct) throws IOException {
    boolean patient = type.equals(PATIENT);
    if (direct == owners) {
      boolean known = !type.isEmpty() && !patient && !element.equals(OF_A_PATIENT);
      note(known ? new Link(Link.Kind.ELSEWHERE, type, "") : Link.UNKNOWN, owners);
    } else if (ownership.isShared()) {
      boolean aimed = Ownership.isAimed(element) && !Ownership.of(type).isShareable();
      ofSomebody |= patient || aimed || element.equals(OF_A_PATIENT);
    }
  }

  /** Notes what a reference names; whether it names anything. */
  private boolean reference(List<Link> direct) throws IOException {
    String text = json.getTextLength() <= Links.LONGEST ? json.getText() : TOO_LONG;
    if (text.isBlank()) {
      return false;
    }
    Link link = references.of(text);
    if (direct == owners || counts(link)) {
      note(link, direct);
    }
    return true;
  }

  private static void note(Link link, List<Link> to) throws IOException {
    if (to.size() == MOST_LINKS) {
      throw new IOException("a line that refers to too much");
    }
    to.add(link);
  }

  /** What is not shared is another's or the owner's own: that matters for shared lines alone. */
  private boolean counts(Link link) {
    return ownership.isShared() || link.kind() == Link.Kind.UNTYPED || link.whose().isShared();
  }

  private void attachment() throws IOException {
    if (json.getTextLength() <= Links.LONGEST && mayLeadToABinary()) {
      Link link = references.of(json.getText());
      if (link.type().equals(BINARY)) {
        note(link, links);
      }
    }
  }

  /** Most urls are the names of extensions. */
  private boolean mayLeadToABinary() throws IOException {
    char[] text = json.getTextCharacters();
    int end = json.getTextOffset() + json.getTextLength();
    for (int at = json.getTextOffset(); at + BINARY.length() < end; at++) {
      if (text[at] == 'B' && text[at + BINARY.length()] == '/') {
        return true;
      }
    }
    return false;
  }
}
