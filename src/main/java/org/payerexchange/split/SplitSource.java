package org.payerexchange.split;

import java.nio.file.Path;

/**
 * An output file of a shared export, received and checked: each line is a JSON object of its type.
 *
 * @param resourceType the type
 * @param path where it lies
 */
public record SplitSource(String resourceType, Path path) {}
