// The floor: the least that a bridge can do, in C with epoll. Nobody would run it: it checks nothing, keeps nothing, reads
// no result, and gives up when a socket is full. It says what the system calls and the bytes themselves cost.
//
//     floor PORT DEEPGRAM_PORT CHUNK_BYTES
//
// Twilio's text frames are unmasked, "payload":"..." is found by its name and decoded, and sent on in chunks as binary
// frames whose masking key is zero.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN = 65536, CHUNK_MOST = 8192 };

typedef struct Peer {
    int fd, is_deepgram, is_open, is_stopped;
    struct Peer *other;
    size_t have, sound;
    unsigned char in[IN], chunk[CHUNK_MOST + 256];
} Peer;

static int loop_fd, deepgram_port;
static size_t chunk_bytes;
static unsigned char six_bits[256];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void put(int fd, const void *data, size_t size) {
    if (send(fd, data, size, MSG_NOSIGNAL) != (ssize_t)size && errno != EPIPE && errno != ECONNRESET) die("send");
}

static void put_frame(int fd, int opcode, const void *payload, size_t size, int is_masked) {
    static unsigned char frame[CHUNK_MOST + 64];
    size_t at = 0;
    frame[at++] = 0x80 | opcode;
    if (size < 126) {
        frame[at++] = (is_masked ? 0x80 : 0) | size;
    } else {
        frame[at++] = (is_masked ? 0x80 : 0) | 126;
        frame[at++] = size >> 8;
        frame[at++] = size & 255;
    }
    if (is_masked) {
        memset(frame + at, 0, 4);
        at += 4;
    }
    memcpy(frame + at, payload, size);
    put(fd, frame, at + size);
}

static uint32_t rotated(uint32_t value, int by) { return value << by | value >> (32 - by); }

// FIPS 180-4, for texts that fit two blocks: a WebSocket key with its GUID has 60 characters.
static void sha1(const unsigned char *text, size_t size, unsigned char digest[20]) {
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    unsigned char block[128] = {0};
    size_t blocks = size < 56 ? 1 : 2;
    memcpy(block, text, size);
    block[size] = 0x80;
    for (int i = 0; i < 8; i++) block[blocks * 64 - 1 - i] = (uint64_t)size * 8 >> (8 * i);
    for (size_t b = 0; b < blocks; b++) {
        uint32_t w[80], v[5];
        for (int i = 0; i < 16; i++) {
            const unsigned char *at = block + b * 64 + i * 4;
            w[i] = (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
        }
        for (int i = 16; i < 80; i++) w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        memcpy(v, h, sizeof v);
        for (int i = 0; i < 80; i++) {
            uint32_t f, k;
            if (i < 20) f = (v[1] & v[2]) | (~v[1] & v[3]), k = 0x5A827999;
            else if (i < 40) f = v[1] ^ v[2] ^ v[3], k = 0x6ED9EBA1;
            else if (i < 60) f = (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3]), k = 0x8F1BBCDC;
            else f = v[1] ^ v[2] ^ v[3], k = 0xCA62C1D6;
            uint32_t next = rotated(v[0], 5) + f + v[4] + k + w[i];
            v[4] = v[3], v[3] = v[2], v[2] = rotated(v[1], 30), v[1] = v[0], v[0] = next;
        }
        for (int i = 0; i < 5; i++) h[i] += v[i];
    }
    for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - 8 * (i % 4));
}

static void base64(const unsigned char *from, size_t size, char *to) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = from[i] << 16 | (i + 1 < size ? from[i + 1] << 8 : 0) | (i + 2 < size ? from[i + 2] : 0);
        for (int j = 0; j < 4; j++) *to++ = i + j <= size ? letters[bits >> (18 - 6 * j) & 63] : '=';
    }
    *to = 0;
}

static size_t decode(const unsigned char *from, const unsigned char *end, unsigned char *to) {
    unsigned char *begin = to;
    for (; from + 4 <= end && *from != '"'; from += 4) {
        uint32_t bits = six_bits[from[0]] << 18 | six_bits[from[1]] << 12 | six_bits[from[2]] << 6 | six_bits[from[3]];
        *to++ = bits >> 16;
        if (from[2] != '=') *to++ = bits >> 8;
        if (from[3] != '=') *to++ = bits;
    }
    return to - begin;
}

static Peer *add(int fd, int is_deepgram) {
    Peer *peer = calloc(1, sizeof *peer);
    int yes = 1;
    if (!peer) die("calloc");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    peer->fd = fd;
    peer->is_deepgram = is_deepgram;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(loop_fd, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
    return peer;
}

static void flush(Peer *twilio, size_t at_least) {
    Peer *deepgram = twilio->other;
    if (!deepgram || !deepgram->is_open || twilio->sound < at_least || !twilio->sound) return;
    put_frame(deepgram->fd, 2, twilio->chunk, twilio->sound, 1);
    twilio->sound = 0;
}

static void open_deepgram(Peer *twilio) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(deepgram_port)};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&where, sizeof where)) die("connect");
    twilio->other = add(fd, 1);
    twilio->other->other = twilio;
    static const char request[] =
        "GET /v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000&channels=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Token key\r\n\r\n";
    put(fd, request, sizeof request - 1);
}

static void upgrade(Peer *twilio, char *head) {
    char accept[32], answer[256], key[128];
    unsigned char digest[20];
    char *line = strcasestr(head, "\r\nSec-WebSocket-Key:");
    if (!line || sscanf(line + 20, " %24s", key) != 1) {
        static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        put(twilio->fd, ok, sizeof ok - 1);
        return;
    }
    strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    sha1((unsigned char *)key, strlen(key), digest);
    base64(digest, sizeof digest, accept);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    put(twilio->fd, answer, size);
    twilio->is_open = 1;
    open_deepgram(twilio);
}

static void message(Peer *twilio, unsigned char *text, size_t size) {
    static const char close_stream[] = "{\"type\":\"CloseStream\"}";
    unsigned char *payload = memmem(text, size, "\"payload\":\"", 11);
    if (payload) {
        if (twilio->sound > CHUNK_MOST - 256) twilio->sound = 0;  // the recogniser never opened
        twilio->sound += decode(payload + 11, text + size, twilio->chunk + twilio->sound);
        flush(twilio, chunk_bytes);
    } else if (memmem(text, size, "\"event\":\"stop\"", 14)) {
        flush(twilio, 1);
        if (twilio->other) put_frame(twilio->other->fd, 1, close_stream, sizeof close_stream - 1, 1);
    }
}

static size_t take_frame(Peer *peer, unsigned char *at, size_t size) {
    if (size < 2) return 0;
    int is_masked = at[1] >> 7, opcode = at[0] & 15;
    size_t length = at[1] & 127, head = 2;
    if (length == 126) {
        if (size < 4) return 0;
        length = at[2] << 8 | at[3], head = 4;
    }
    if (size < head + is_masked * 4 + length) return 0;
    unsigned char *payload = at + head + is_masked * 4;
    if (is_masked) {
        uint32_t key;
        memcpy(&key, at + head, 4);
        for (size_t i = 0; i + 4 <= length; i += 4) {
            uint32_t word;
            memcpy(&word, payload + i, 4);
            word ^= key;
            memcpy(payload + i, &word, 4);
        }
        for (size_t i = length & ~(size_t)3; i < length; i++) payload[i] ^= at[head + i % 4];
    }
    if (opcode == 1 && !peer->is_deepgram) message(peer, payload, length);
    if (opcode == 8) {
        peer->is_stopped = 1;
        if (peer->other) put_frame(peer->other->fd, 8, "\x03\xe8", 2, !peer->is_deepgram);
        put_frame(peer->fd, 8, "\x03\xe8", 2, peer->is_deepgram);
    }
    return head + is_masked * 4 + length;
}

static void drop(Peer *peer) {
    close(peer->fd);
    if (peer->other) peer->other->other = NULL;
    free(peer);
}

static void receive(Peer *peer) {
    ssize_t got = recv(peer->fd, peer->in + peer->have, IN - 1 - peer->have, 0);
    if (got <= 0) {
        drop(peer);
        return;
    }
    peer->have += got;
    size_t used = 0, taken;
    if (!peer->is_open) {
        peer->in[peer->have] = 0;
        char *end = strstr((char *)peer->in, "\r\n\r\n");
        if (!end) return;
        used = end + 4 - (char *)peer->in;
        if (peer->is_deepgram) {
            peer->is_open = 1;
        } else {
            upgrade(peer, (char *)peer->in);
        }
    }
    while (peer->is_open && (taken = take_frame(peer, peer->in + used, peer->have - used))) used += taken;
    peer->have -= used;
    memmove(peer->in, peer->in + used, peer->have);
}

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "floor PORT DEEPGRAM_PORT CHUNK_BYTES\n"), 2;
    deepgram_port = atoi(argv[2]);
    chunk_bytes = atoi(argv[3]);
    if (chunk_bytes < 1 || chunk_bytes > CHUNK_MOST - 512) return fprintf(stderr, "CHUNK_BYTES: 1 to %d\n", CHUNK_MOST - 512), 2;
    for (int i = 0; i < 26; i++) six_bits['A' + i] = i, six_bits['a' + i] = 26 + i;
    for (int i = 0; i < 10; i++) six_bits['0' + i] = 52 + i;
    six_bits['+'] = 62, six_bits['/'] = 63;
    struct rlimit files = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&where, sizeof where) || listen(listener, 4096)) die("listen");
    loop_fd = epoll_create1(0);
    struct epoll_event accepting = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
    epoll_ctl(loop_fd, EPOLL_CTL_ADD, listener, &accepting);
    for (;;) {
        int count = epoll_wait(loop_fd, events, 256, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr) {
                receive(events[i].data.ptr);
            } else {
                int fd = accept(listener, NULL, NULL);
                if (fd >= 0) add(fd, 0);
            }
        }
    }
}
