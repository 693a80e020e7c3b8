package org.payerexchange.ops;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * What Vert.x would take and has no option against: a request that says its length twice, in ways
 * that a proxy before us may read otherwise, and any number of requests in advance, which it would
 * keep in memory.
 */
public final class StrictRequests extends ChannelDuplexHandler {
  private static final int MOST_IN_ADVANCE = 100;

  private int unanswered;

  private StrictRequests() {}

  /** Has it look at whatever comes through a connection that has just opened. */
  public static void on(HttpConnection connection, HttpServerOptions options) {
    Channel channel = ((ConnectionBase) connection).channel();
    channel.pipeline().replace("httpDecoder", "httpDecoder", new OneLength(options));
    channel.pipeline().addBefore("handler", "strictRequests", new StrictRequests());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    boolean isNext = message instanceof HttpRequest;
    if (isNext) {
      unanswered++;
    }
    // who does not take answers away is sent no more of them
    if (unanswered > MOST_IN_ADVANCE || (isNext && !context.channel().isWritable())) {
      ReferenceCountUtil.release(message);
      var unused = context.close();
    } else {
      context.fireChannelRead(message);
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise written)
      throws Exception {
    boolean interim =
        message instanceof HttpResponse answer
            && answer.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    if (message instanceof LastHttpContent && !interim) {
      unanswered--;
    }
    super.write(context, message, written);
  }

  /** Netty would drop the Content-Length beside a Transfer-Encoding without a word. */
  private static final class OneLength extends VertxHttpRequestDecoder {
    OneLength(HttpServerOptions options) {
      super(options);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
      throw new DecoderException("Content-Length with Transfer-Encoding");
    }
  }
}
