package dev.caravan.http;

import io.netty.buffer.ByteBuf;

/**
 * Follows what is read of a body in chunks, and knows it only as RFC 9112 has it: a size of hexadecimal digits that an int can
 * hold, nothing after it but an extension, CR LF, so many bytes, CR LF. Netty is less strict, and its sizes wrap around.
 */
final class Chunks {

    private static final int MAX_DIGITS = 8;

    private enum Next {
        SIZE,
        EXTENSION,
        END_OF_SIZE,
        DATA,
        END_OF_DATA,
        LINE_AFTER_DATA,
        TRAILER
    }

    private Next next = Next.SIZE;
    private int digits;
    private long left;

    /**
     * @param from where in the buffer it goes on
     * @param to behind the last byte of the request that has been read
     * @return whether it is as it must be
     */
    boolean follow(ByteBuf in, int from, int to) {
        int at = from;
        while (at < to && next != Next.TRAILER) {
            if (next == Next.DATA) {
                int length = (int) Math.min(left, to - at);
                at += length;
                left -= length;
                if (left == 0) {
                    next = Next.END_OF_DATA;
                }
            } else if (!follow(in.getByte(at++))) {
                return false;
            }
        }
        return true;
    }

    private boolean follow(byte read) {
        switch (next) {
            case SIZE -> {
                int digit = Character.digit(read, 16);
                if (digit >= 0) {
                    left = left * 16 + digit;
                    return ++digits <= MAX_DIGITS && left <= Integer.MAX_VALUE;
                }
                next = read == '\r' ? Next.END_OF_SIZE : Next.EXTENSION;
                return digits > 0 && (read == '\r' || read == ';' || read == ' ' || read == '\t');
            }
            case EXTENSION -> {
                if (read == '\r') {
                    next = Next.END_OF_SIZE;
                    return true;
                }
                return read == '\t' || read < 0 || read >= ' ' && read != 0x7f;
            }
            case END_OF_SIZE -> {
                next = left == 0 ? Next.TRAILER : Next.DATA;
                digits = 0;
                return read == '\n';
            }
            case END_OF_DATA -> {
                next = Next.LINE_AFTER_DATA;
                return read == '\r';
            }
            default -> {
                next = Next.SIZE;
                return read == '\n';
            }
        }
    }
}
