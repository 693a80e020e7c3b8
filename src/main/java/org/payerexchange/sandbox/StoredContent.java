package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A small file, held in memory. */
final class StoredContent implements Content {
  private final String resourceType;
  private final long resources;
  private final byte[] bytes;
  private final String mediaType;

  StoredContent(String resourceType, long resources, byte[] bytes) {
    this(resourceType, resources, bytes, NDJSON);
  }

  StoredContent(String resourceType, long resources, byte[] bytes, String mediaType) {
    this.mediaType = mediaType;
    this.resourceType = resourceType;
    this.resources = resources;
    this.bytes = bytes;
  }

  static StoredContent of(String resourceType, List<ObjectNode> resources, boolean lastNewline) {
    String lines = resources.stream().map(ObjectNode::toString).collect(Collectors.joining("\n"));
    return new StoredContent(
        resourceType,
        resources.size(),
        (lastNewline ? lines + "\n" : lines).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String resourceType() {
    return resourceType;
  }

  @Override
  public long resources() {
    return resources;
  }

  @Override
  public String mediaType() {
    return mediaType;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public byte[] read(long position, int size) {
    return Arrays.copyOfRange(bytes, (int) position, (int) position + size);
  }
}
