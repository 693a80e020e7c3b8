package org.payerexchange.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How an export job ends once nothing of it is open.
 *
 * @param state COMPLETE or FAILED
 * @param failure why it failed
 * @param warnings all that the job has now
 * @param newWarnings how many of them came with its end
 */
public record JobEnd(
    JobState state, Optional<Failure> failure, List<String> warnings, int newWarnings) {

  /**
   * What is there of a job's files.
   *
   * @param open how many are still to come
   * @param stored how many are in the outbox
   * @param resources in those that are stored
   * @param bytes of those that are stored
   * @param arrived resources of the running export's output files, which the manifest counts
   * @param failure of the first that failed, error files apart
   */
  public record Files(
      int open, int stored, long resources, long bytes, long arrived, Optional<Failure> failure) {

    /** For the audit trail. */
    public String inWords() {
      return "%s files, %s resources, %s bytes".formatted(stored, resources, bytes);
    }
  }

  /**
   * By what is counted: whether a job may have ended. Its files end with it, and all deliveries of
   * its transfer, which carry them.
   */
  public static boolean isNear(JobState state, int openFiles, int openDeliveries) {
    return state == JobState.READY && openFiles == 0 && openDeliveries == 0;
  }

  /**
   * Of a job with nothing open.
   *
   * @param announced resources that the manifest announced, or null
   * @param before warnings that it had
   * @param delivery the first delivery of its transfer that failed
   */
  public static JobEnd of(
      Long announced, List<String> before, Files files, Optional<Failure> delivery) {
    Optional<Failure> failure = files.failure().or(() -> delivery);
    List<String> warnings = new ArrayList<>(before);
    if (failure.isEmpty() && announced != null && announced != files.arrived()) {
      String differs = "%s resources announced, %s arrived".formatted(announced, files.arrived());
      if (!warnings.contains(differs)) {
        warnings.add(differs);
      }
    }
    return new JobEnd(
        JobState.READY.to(failure.isPresent() ? JobState.FAILED : JobState.COMPLETE),
        failure,
        List.copyOf(warnings),
        warnings.size() - before.size());
  }
}
