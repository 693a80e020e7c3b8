package org.payerexchange.sandbox;

import java.util.List;

/**
 * A job of the sandbox as its clients' tests see it.
 *
 * @param released whether the client has sent DELETE
 */
public record ExportedJob(
    String tenant, String groupId, String jobId, boolean released, List<ExportedFile> files) {

  static ExportedJob of(Job job) {
    return new ExportedJob(
        job.served().tenant(),
        job.served().groupId(),
        job.id(),
        job.released(),
        job.files().stream().map(ExportedFile::of).toList());
  }

  /**
   * A file of a job, in the order of the manifest.
   *
   * @param bytes its length
   * @param sha256 of its bytes, in hexadecimal
   */
  public record ExportedFile(String resourceType, long resources, long bytes, String sha256) {

    static ExportedFile of(Content content) {
      return new ExportedFile(
          content.resourceType(), content.resources(), content.length(), content.sha256());
    }
  }
}
