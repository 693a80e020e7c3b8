package org.payerexchange.ledger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.payerexchange.ledger.KnownFiles.Known;

/**
 * What a manifest changes of its job's files. What is neither here nor new stays as it is.
 *
 * @param added files that are new
 * @param renewed files of the same export that are still to come, under new URLs: who is loading
 *     from an old one may go on
 * @param replaced files of an earlier export: files of two exports do not add up, so that each is
 *     fetched again
 * @param gone files of an earlier export that are not named any more, and those of the same one
 *     that is organized now and was not before, or the other way round: they go with all that was
 *     said of them
 * @param unnamed files of the same export that were to come and are not named any more: they fail
 */
public record ManifestPlan(
    List<Added> added,
    List<Named> renewed,
    List<Named> replaced,
    List<Known> gone,
    List<Known> unnamed) {

  /**
   * A new file.
   *
   * @param place among those of its kind and type, from 1
   * @param number within its transfer
   */
  public record Added(NewFile file, int place, int number) {}

  /** A file that the ledger has, as the manifest names it now. */
  public record Named(Known known, NewFile file) {}

  /**
   * Compares.
   *
   * @param files of the job, in the order of their places
   * @param export the number of the manifest's export
   * @param lastNumber the last that was given to a file of the transfer
   */
  public static ManifestPlan of(
      Collection<Known> files, List<NewFile> manifest, int export, int lastNumber) {
    KnownFiles known = new KnownFiles(files, export);
    List<Optional<Known>> found = known.find(manifest);
    List<Added> added = new ArrayList<>();
    List<Named> renewed = new ArrayList<>();
    List<Named> replaced = new ArrayList<>();
    for (int i = 0; i < manifest.size(); i++) {
      NewFile file = manifest.get(i);
      if (found.get(i).isEmpty()) {
        added.add(new Added(file, known.addPlace(file), lastNumber + added.size() + 1));
        continue;
      }
      Known before = found.get(i).get();
      if (before.export() < export) {
        replaced.add(new Named(before, file));
      } else if (before.state() == FileState.PENDING) {
        renewed.add(new Named(before, file));
      }
    }
    boolean organized = manifest.stream().anyMatch(NewFile::holdsAllTypes);
    Map<Boolean, List<Known>> left =
        known.left().stream()
            .collect(
                Collectors.partitioningBy(
                    file ->
                        file.export() < export
                            || (!manifest.isEmpty()
                                && file.type().kind() == FileKind.OUTPUT
                                && file.holdsAllTypes() != organized)));
    return new ManifestPlan(
        added,
        renewed,
        replaced,
        left.get(true),
        left.get(false).stream().filter(file -> file.state() == FileState.PENDING).toList());
  }

  /** How many files of the job are to come now. */
  public int open() {
    return added.size() + renewed.size() + replaced.size();
  }
}
