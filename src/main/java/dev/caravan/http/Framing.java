package dev.caravan.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.HexFormat;
import java.util.List;

/**
 * Vert.x's decoder of requests, to which a request is malformed that does not say plainly where it ends: one with {@code
 * Transfer-Encoding} and {@code Content-Length}, with an encoding other than {@code chunked}, or with chunks that are not as RFC
 * 9112 has them. Netty takes these in one way; a proxy in front may take them in another, and what one of the two holds for a
 * body is a request to the other. After a malformed request nothing more is read from its connection.
 */
final class Framing extends VertxHttpRequestDecoder {

    private static final String DECODER = "httpDecoder";

    /** Of the request that is being read; null where it has none. */
    private Chunks chunks;

    private boolean refused;

    private Framing(HttpServerOptions options) {
        super(options);
    }

    /** Before anything of the connection has been read. */
    static void watch(HttpConnection connection, HttpServerOptions options) {
        ((ConnectionBase) connection).channel().pipeline().replace(DECODER, DECODER, new Framing(options));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        // The call that reads the headers reads nothing of the chunks.
        Chunks watched = chunks;
        int from = in.readerIndex();
        super.decode(context, in, out);
        if (watched == null) {
            return;
        }
        if (!watched.follow(in, from, in.readerIndex())) {
            refused = true;
            out.forEach(ReferenceCountUtil::release);
            out.clear();
            HttpContent end = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
            end.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("A chunk is malformed")));
            out.add(end);
        } else if (!out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent) {
            chunks = null;
        }
    }

    @Override
    protected HttpMessage createMessage(String[] line) {
        if (!isPlain(line[0])
                || !isPlain(line[1])
                || !isUnescapable(line[1])
                || !line[2].equals("HTTP/1.1") && !line[2].equals("HTTP/1.0")) {
            throw new IllegalArgumentException("The request line is malformed");
        }
        return super.createMessage(line);
    }

    private static boolean isPlain(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (word.charAt(i) <= ' ' || word.charAt(i) == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** Vert.x' router fails on an escape that is none, outside of every handler and with a stack trace for each. */
    private static boolean isUnescapable(String target) {
        for (int at = target.indexOf('%'); at >= 0; at = target.indexOf('%', at + 1)) {
            if (at + 2 >= target.length()
                    || !HexFormat.isHexDigit(target.charAt(at + 1))
                    || !HexFormat.isHexDigit(target.charAt(at + 2))) {
                return false;
            }
        }
        return true;
    }

    /** A line without one may be taken for the end of the headers, or for nothing. */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (length == 0) {
            throw new IllegalArgumentException("A header has no name");
        }
        return super.splitHeaderName(line, start, length);
    }

    /** Asked once a request's headers are there, and before anything of its body is read. */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage request) {
        HttpHeaders headers = request.headers();
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            if (!isChunkedAlone(request.protocolVersion(), headers)) {
                throw new IllegalArgumentException("It is in doubt where the request ends");
            }
            chunks = new Chunks();
        }
        return super.isContentAlwaysEmpty(request);
    }

    private static boolean isChunkedAlone(HttpVersion version, HttpHeaders headers) {
        List<String> encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return version.equals(HttpVersion.HTTP_1_1)
                && encodings.size() == 1
                && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.get(0))
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    }
}
