package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpRequestInterceptor;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.conn.socket.LayeredConnectionSocketFactory;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.protocol.HttpContext;
import org.payerexchange.http.PeerTls;
import org.payerexchange.http.TlsIdentity;

/** Makes connections with the stores as they are when a call begins, and keeps those apart. */
final class FhirTls implements LayeredConnectionSocketFactory, HttpRequestInterceptor {
  private final PeerTls tls;

  FhirTls(PeerTls tls) {
    this.tls = tls;
  }

  @Override
  public void process(HttpRequest request, HttpContext context) {
    context.setAttribute(HttpClientContext.USER_TOKEN, tls.now());
  }

  @Override
  public Socket createSocket(HttpContext context) throws IOException {
    return factory(context).createSocket(context);
  }

  @Override
  public Socket connectSocket(
      int timeout,
      Socket socket,
      HttpHost host,
      InetSocketAddress remote,
      InetSocketAddress local,
      HttpContext context)
      throws IOException {
    return factory(context).connectSocket(timeout, socket, host, remote, local, context);
  }

  @Override
  public Socket createLayeredSocket(Socket socket, String target, int port, HttpContext context)
      throws IOException {
    return factory(context).createLayeredSocket(socket, target, port, context);
  }

  private static SSLConnectionSocketFactory factory(HttpContext context) {
    TlsIdentity identity = HttpClientContext.adapt(context).getUserToken(TlsIdentity.class);
    return new SSLConnectionSocketFactory(identity.context());
  }
}
