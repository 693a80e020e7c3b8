package org.payerexchange.intake;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What lies in the inbox and in its payers' folders, but for our own folders. Links are never
 * followed, and nothing but plain files is ever opened: a pipe would hold its reader for ever.
 */
final class InboxTree {
  private static final Pattern UNFINISHED =
      Pattern.compile(
          ".*(~|\\.(tmp|temp|part|partial|filepart|writing|uploading|inprogress|crdownload|download"
              + "|swp|lock))|~.*");

  private final Path root;
  private final Set<Path> own;
  private final int most;

  /**
   * A tree.
   *
   * @param most so many entries are looked at, so that an inbox of millions fits into memory
   */
  InboxTree(InboxFolders folders, int most) {
    this.root = folders.inbox();
    this.own = Set.of(folders.done(), folders.rejected());
    this.most = most;
  }

  /** All that lies there now. */
  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    addFolder(root, entries);
    return entries;
  }

  /** Whether the path still leads to a place within the inbox. */
  boolean contains(Path path) throws IOException {
    return path.toRealPath().startsWith(root.toRealPath());
  }

  private void addFolder(Path folder, List<Entry> entries) {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        if (entries.size() >= most) {
          return;
        }
        if (!own.contains(child)) {
          add(child, entries);
        }
      }
    } catch (NoSuchFileException gone) {
      if (folder.equals(root)) {
        entries.add(Entry.left(root, "is not there"));
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      entries.add(Entry.left(folder, "is a folder that may not be read"));
    }
  }

  private void add(Path path, List<Entry> entries) {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
    } catch (NoSuchFileException gone) {
      return;
    } catch (IOException unreadable) {
      entries.add(Entry.left(path, "may not be read"));
      return;
    }
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean inRoot = path.getParent().equals(root);
    if (attributes.isSymbolicLink()) {
      entries.add(Entry.left(path, "is a link"));
    } else if (attributes.isOther()) {
      entries.add(Entry.left(path, "is not a regular file"));
    } else if (name.startsWith(".")) {
      entries.add(Entry.left(path, "is hidden: its name begins with a dot"));
    } else if (attributes.isDirectory() && inRoot) {
      addFolder(path, entries);
    } else if (attributes.isDirectory()) {
      entries.add(Entry.left(path, "is a folder within a payer's folder"));
    } else if (UNFINISHED.matcher(name).matches()) {
      entries.add(Entry.left(path, "has the name of a file that is still being written"));
    } else {
      entries.add(new Entry(path, Stamp.of(attributes), null));
    }
  }

  /**
   * One thing that lies there.
   *
   * @param stamp of a plain file that may be taken; null for anything else
   * @param why it is not taken, to be read after its name; null for a file that may be
   */
  record Entry(Path path, Stamp stamp, String why) {
    private static Entry left(Path path, String why) {
      return new Entry(path, null, why);
    }
  }
}
