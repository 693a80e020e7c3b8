package org.payerexchange.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.TransferException;

/**
 * Looks for Attachments in the lines of a stored file (FHIR R4, Attachment): what their {@code url}
 * leads to is fetched where it is the payer's, or a trusted host's. One that has its {@code data}
 * beside it needs nothing more.
 */
public final class AttachmentSearch {
  private static final int MOST_TOKENS = 1 << 20;
  private static final int LONGEST_URL = 4000;
  private static final int LONGEST_WORD = 200;
  private static final JsonMapper LINES = JsonLimits.resources(MOST_TOKENS).build();

  /** The elements of type Attachment that are not called attachment, or something with it. */
  private static final Set<String> ELEMENTS =
      Set.of("presentedForm", "content", "photo", "image", "document");

  private final Payers payers;
  private final int most;

  /**
   * Looks for them where a payer's are wanted.
   *
   * @param most how many of a transfer are fetched
   */
  public AttachmentSearch(Payers payers, int most) {
    this.payers = payers;
    this.most = most;
  }

  /**
   * Those that a file of one member names; none where they are not wanted.
   *
   * @param payer whose file it is
   * @param name the file's: {@code DocumentReference-3.ndjson}
   * @param file where its lines are
   * @throws IOException if it cannot be read
   */
  public FoundAttachments in(String payer, String name, Path file) throws IOException {
    Payer from = payers.get(payer);
    if (!from.attachments()) {
      return FoundAttachments.NONE;
    }
    Search search = new Search(from);
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(file))) {
      long place = 0;
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        search.look(line, name + "/" + ++place);
      }
    }
    return new FoundAttachments(search.found, search.more, most, search.warnings());
  }

  /** Through one file. */
  private final class Search {
    private final Payer payer;
    private final List<Attachment> found = new ArrayList<>();
    private final Set<String> urls = new HashSet<>();
    private long more;
    private long elsewhere;
    private long unreadable;

    Search(Payer payer) {
      this.payer = payer;
    }

    void look(byte[] line, String place) throws IOException {
      try {
        follow(LINES.readTree(line), "", place);
      } catch (JsonProcessingException beyondTheLimits) {
        unreadable++;
      }
    }

    private void follow(JsonNode element, String name, String place) {
      if (element.isArray()) {
        element.forEach(item -> follow(item, name, place));
      } else if (element.isObject()) {
        if (isAttachment(element, name)) {
          add(element, element.path("url").textValue().strip(), place);
        }
        for (Map.Entry<String, JsonNode> each : element.properties()) {
          follow(each.getValue(), each.getKey(), place);
        }
      }
    }

    private boolean isAttachment(JsonNode element, String name) {
      return (ELEMENTS.contains(name) || name.endsWith("ttachment"))
          && element.path("url").isTextual()
          && !element.hasNonNull("data")
          && !element.has("resourceType");
    }

    private void add(JsonNode element, String text, String place) {
      // what is contained is in the line itself
      if (text.startsWith("#") || text.isEmpty()) {
        return;
      }
      String url = PayerUrls.absolute(payer, text);
      if (url.length() > LONGEST_URL || hasControls(url) || !leadsToThePayer(url)) {
        elsewhere++;
      } else if (urls.size() >= most && !urls.contains(PayerUrls.unsigned(url))) {
        more++;
      } else if (urls.add(PayerUrls.unsigned(url))) {
        found.add(
            new Attachment(
                url,
                word(element.path("contentType")),
                element.path("size").canConvertToLong() ? element.path("size").asLong() : null,
                word(element.path("hash")),
                place));
      }
    }

    private boolean leadsToThePayer(String url) {
      try {
        return PayerUrls.resolve(payer, url) != null;
      } catch (TransferException foreign) {
        return false;
      }
    }

    private static String word(JsonNode text) {
      return text.isTextual()
              && text.textValue().length() <= LONGEST_WORD
              && !hasControls(text.textValue())
          ? text.textValue().strip()
          : null;
    }

    /** No ledger takes a NUL. */
    private static boolean hasControls(String text) {
      return text.chars().anyMatch(Character::isISOControl);
    }

    List<String> warnings() {
      List<String> warnings = new ArrayList<>();
      if (elsewhere > 0) {
        warnings.add(
            "%s attachment(s) lead elsewhere than to the payer and its trusted-hosts, and are not fetched"
                .formatted(elsewhere));
      }
      if (unreadable > 0) {
        warnings.add("%s line(s) are too large to look for attachments".formatted(unreadable));
      }
      return warnings;
    }
  }
}
