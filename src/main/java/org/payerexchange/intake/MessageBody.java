package org.payerexchange.intake;

import java.io.InputStream;
import java.util.Objects;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.core.client.impl.ClientLargeMessageInternal;
import org.apache.activemq.artemis.core.client.impl.LargeMessageController;

/** The body of a message as the broker sends it: of a large one, no more of it than is read. */
final class MessageBody extends InputStream {
  private final ActiveMQBuffer body;
  private final long size;
  private long left;

  private MessageBody(ActiveMQBuffer body, long size) {
    this.body = body;
    this.size = size;
    this.left = size;
  }

  static MessageBody of(ClientMessage message) {
    if (message instanceof ClientLargeMessageInternal large) {
      LargeMessageController body = large.getLargeMessageController();
      return new MessageBody(body, body.getSize());
    }
    ActiveMQBuffer body = message.getDataBuffer();
    return new MessageBody(body, body.readableBytes());
  }

  /** In bytes, before any of it is read. */
  long size() {
    return size;
  }

  @Override
  public int read() {
    if (left == 0) {
      return -1;
    }
    left--;
    return body.readByte() & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    int count = (int) Math.min(length, left);
    body.readBytes(target, offset, count);
    left -= count;
    return count;
  }
}
