package org.payerexchange.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes {@code docs/keys.md} of the files in {@code config/}: their comments are what is said of
 * the keys below them.
 */
final class KeysPage {
  static final Path PAGE = Path.of("docs/keys.md");

  private static final Pattern SECTION = Pattern.compile("# --- (.+) ---");
  private static final Pattern KEY = Pattern.compile("#?(p2p\\.[^=\\s]+)=(.*)");
  private static final Pattern NOT_OURS = Pattern.compile("camel\\..*");

  private KeysPage() {}

  /** A key as its file has it. */
  record Key(String section, String name, String value, String comment) {
    private String row() {
      return "| `%s` | %s | %s |"
          .formatted(
              name, value.isEmpty() ? "" : "`" + value.replace("|", "\\|") + "`", cell(comment));
    }

    private static String cell(String text) {
      return text.replace("|", "\\|").replace("<", "&lt;");
    }
  }

  static List<Key> keys(Path file) throws IOException {
    List<Key> keys = new ArrayList<>();
    List<String> comment = new ArrayList<>();
    String section = null;
    boolean used = false;
    for (String line : Files.readAllLines(file)) {
      Matcher head = SECTION.matcher(line);
      Matcher key = KEY.matcher(line);
      if (head.matches()) {
        section = head.group(1);
      }
      if (key.matches() && section != null) {
        keys.add(new Key(section, key.group(1), key.group(2), String.join(" ", comment)));
        used = true;
      } else if (used || head.matches() || line.isBlank() || NOT_OURS.matcher(line).matches()) {
        comment.clear();
        used = false;
      }
      if (line.startsWith("# ") && !head.matches()) {
        comment.add(line.substring(2).strip());
      }
    }
    return keys;
  }

  static String text() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # The keys

            This page is made of [`config/application.properties`](../config/application.properties) and
            [`config/payers.properties`](../config/payers.properties), by `make keys`. `bin/payer-exchange check` refuses a key that is not
            here. Each key may be given by the environment instead: `p2p.database.url` is `P2P_DATABASE_URL`.
            """);
    table(page, "Payer Exchange", "default", Path.of("config/application.properties"));
    table(page, "A payer", "for example", Path.of("config/payers.properties"));
    return page.toString();
  }

  private static void table(StringBuilder page, String title, String value, Path file)
      throws IOException {
    page.append("\n## ").append(title).append('\n');
    String section = null;
    String comment = null;
    for (Key key : keys(file)) {
      if (!key.section().equals(section)) {
        section = key.section();
        page.append("\n### ").append(section).append("\n\n");
        page.append("| key | ").append(value).append(" | what for |\n| --- | --- | --- |\n");
      }
      String told = key.comment().equals(comment) ? "see above" : key.comment();
      comment = key.comment();
      page.append(new Key(section, key.name(), key.value(), told).row()).append('\n');
    }
  }

  /** Writes the page. */
  public static void main(String... none) throws IOException {
    Files.writeString(PAGE, text());
  }
}
