package org.payerexchange.split;

import java.nio.file.Path;

/**
 * A file with one member's lines of one type, in the work folder, which may be renamed into the
 * transfer's folder.
 *
 * @param path where it lies; its name tells nothing of the member
 * @param lines how many there are
 * @param bytes its size
 * @param sha256 lower-case hexadecimal digits
 */
public record MemberFile(String resourceType, Path path, long lines, long bytes, String sha256) {}
