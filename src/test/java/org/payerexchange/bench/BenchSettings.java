package org.payerexchange.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What is measured, by environment variables.
 *
 * @param parts {@code BENCH_PARTS}: large, held, small, waiting, fhir; by name alone: fair, many,
 *     members, split, pages
 * @param bytes {@code BENCH_BYTES}: sizes of the large export, in all its files
 * @param files {@code BENCH_FILES}: how many files it has
 * @param bytesPerSecond {@code BENCH_BYTES_PER_SECOND}: what the server is held to in part held
 * @param fhirBytes {@code BENCH_FHIR_BYTES}: sizes of the file of part fhir
 * @param parallel {@code BENCH_PARALLEL}: requests at once, of the bundle, of curl and of the bare
 *     client
 * @param members {@code BENCH_MEMBERS}: transfers of a round of part small
 * @param warmUps {@code BENCH_WARM_UPS}: rounds before those that count, so that what is measured
 *     is the pipeline and not the compiler
 * @param waiting {@code BENCH_WAITING}: export jobs in the ledger, each tried in part waiting
 * @param fairFiles {@code BENCH_FAIR_FILES}: files of the large member of part fair
 * @param many {@code BENCH_MANY}: transfers of part many
 * @param atOnce {@code BENCH_AT_ONCE}: members of part members
 * @param splitBytes {@code BENCH_SPLIT_BYTES}: size of the export of part split
 * @param runs {@code BENCH_RUNS}: how often each figure is taken; of further sizes of the large
 *     export once
 * @param heap {@code BENCH_HEAP}: -Xmx of the bundle
 * @param jvm {@code BENCH_JVM}: more options of its JVM, such as a profiler's
 */
record BenchSettings(
    List<String> parts,
    List<Long> bytes,
    int files,
    long bytesPerSecond,
    List<Long> fhirBytes,
    int parallel,
    int members,
    int warmUps,
    List<Integer> waiting,
    int fairFiles,
    int many,
    int atOnce,
    long splitBytes,
    int runs,
    String heap,
    List<String> jvm) {

  static BenchSettings of(Map<String, String> environment) {
    return new BenchSettings(
        list(environment.getOrDefault("BENCH_PARTS", "large,held,small,waiting,fhir")),
        list(environment.getOrDefault("BENCH_BYTES", "1500000000,6000000000")).stream()
            .map(Long::valueOf)
            .toList(),
        Integer.parseInt(environment.getOrDefault("BENCH_FILES", "20")),
        Long.parseLong(environment.getOrDefault("BENCH_BYTES_PER_SECOND", "125000000")),
        list(environment.getOrDefault("BENCH_FHIR_BYTES", "50000000,400000000")).stream()
            .map(Long::valueOf)
            .toList(),
        Integer.parseInt(environment.getOrDefault("BENCH_PARALLEL", "16")),
        Integer.parseInt(environment.getOrDefault("BENCH_MEMBERS", "1000")),
        Integer.parseInt(environment.getOrDefault("BENCH_WARM_UPS", "3")),
        list(environment.getOrDefault("BENCH_WAITING", "1000,10000,100000")).stream()
            .map(Integer::valueOf)
            .toList(),
        Integer.parseInt(environment.getOrDefault("BENCH_FAIR_FILES", "20000")),
        Integer.parseInt(environment.getOrDefault("BENCH_MANY", "100000")),
        Integer.parseInt(environment.getOrDefault("BENCH_AT_ONCE", "10000")),
        Long.parseLong(environment.getOrDefault("BENCH_SPLIT_BYTES", "1000000000")),
        Integer.parseInt(environment.getOrDefault("BENCH_RUNS", "3")),
        environment.getOrDefault("BENCH_HEAP", "256m"),
        environment.getOrDefault("BENCH_JVM", "").lines().toList());
  }

  /** The same in a cold JVM, each figure taken that often. */
  BenchSettings cold(int times) {
    return new BenchSettings(
        parts,
        bytes,
        files,
        bytesPerSecond,
        fhirBytes,
        parallel,
        members,
        0,
        waiting,
        fairFiles,
        many,
        atOnce,
        splitBytes,
        times,
        heap,
        jvm);
  }

  private static List<String> list(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).toList();
  }
}
