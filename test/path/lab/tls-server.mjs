/**
 * tls-server.mjs ADDRESS PORT SETTINGS_JSON
 *
 * An RDP server as far as a path measurement goes: X.224 with SSL selected, TLS by OpenSSL, and the
 * MCS response; what it says is what real servers said. A program of its own, since it must run in
 * a namespace of the lab; it ends with SIGTERM. Prints a line a connection.
 *
 * Settings:
 *   certificate, key     PEM files; a chain makes the server's flight longer
 *   confirmAfterMs       it thinks for so long before the X.224 confirm
 *   flightAfterMs        and for so long before the server flight of TLS
 *   closes               'every-second': closes those connections as soon as they are there
 *   bansAfter            connections that it serves; it refuses the rest by closing the port
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import { CONFIRM_SSL, MCS_RESPONSE_TLS } from '../../../dist/simulator/recorded-bytes.js';

/** TPKT, RFC 1006 section 6: version 3, a reserved byte, the length of all. */
const TPKT_HEADER_BYTES = 4;

/** No honest request of this part of the handshake is longer. */
const REQUEST_LIMIT_BYTES = 4096;

/** A client that has what it came for, or has gone silent, is not waited for. */
const PATIENCE_MS = 120_000;

/** Where the response says which protocols the client had asked for: bytes from its end. */
const REQUESTED_PROTOCOLS_AT = 16;

const [address = '', port = '', settingsText = '{}'] = process.argv.slice(2);
const settings = {
  confirmAfterMs: 0,
  flightAfterMs: 0,
  closes: null,
  bansAfter: Number.POSITIVE_INFINITY,
  ...JSON.parse(settingsText),
};

// Once for all: a context for each connection would be think time that nobody asked for. DHE is
// what a client asks for that wants a longer flight.
const secureContext = createSecureContext({
  cert: readFileSync(settings.certificate),
  key: readFileSync(settings.key),
  minVersion: 'TLSv1.2',
  dhparam: 'auto',
});

const bytes = (/** @type {string} */ hex) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');

/**
 * Reads one TPKT message; what comes after it stays unread.
 *
 * @param {import('node:stream').Duplex} stream
 * @returns {Promise<Buffer | null>} null: it ended, or this is no TPKT
 */
async function readMessage(stream) {
  let message = Buffer.alloc(0);
  for (;;) {
    const missing =
      message.length < TPKT_HEADER_BYTES
        ? TPKT_HEADER_BYTES - message.length
        : message.readUInt16BE(2) - message.length;
    if (message.length >= TPKT_HEADER_BYTES) {
      if (message.readUInt8(0) !== 3 || message.readUInt16BE(2) > REQUEST_LIMIT_BYTES) return null;
      if (missing <= 0) return message;
    }
    /** @type {Buffer | null} */
    const more = stream.read(missing) ?? (stream.readableLength > 0 ? stream.read() : null);
    if (more !== null) message = Buffer.concat([message, more]);
    else if (stream.readableEnded || stream.destroyed) return null;
    else await nextEvent(stream);
  }
}

/** @param {import('node:stream').Duplex} stream */
function nextEvent(stream) {
  return new Promise((resolve) => {
    const names = ['readable', 'end', 'close', 'error'];
    const done = () => {
      for (const name of names) stream.off(name, done);
      resolve(undefined);
    };
    for (const name of names) stream.once(name, done);
  });
}

/** @param {import('node:net').Socket} socket */
async function serve(socket) {
  const request = await readMessage(socket);
  if (request === null) return 'no X.224 request';
  await sleep(settings.confirmAfterMs);
  socket.write(bytes(CONFIRM_SSL));
  await sleep(settings.flightAfterMs);
  const tls = new TLSSocket(socket, { isServer: true, secureContext });
  tls.on('error', () => tls.destroy());
  const initial = await readMessage(tls);
  if (initial === null) return 'no MCS message';
  const response = bytes(MCS_RESPONSE_TLS);
  request.copy(response, response.length - REQUESTED_PROTOCOLS_AT, request.length - 4);
  tls.end(response);
  return 'MCS response sent';
}

let accepted = 0;
// Half open: it is the client that ends, and it may wait for our FIN.
const server = createServer({ noDelay: true }, (socket) => {
  accepted += 1;
  const number = accepted;
  const startedAt = performance.now();
  const say = (/** @type {string} */ what) =>
    process.stdout.write(`${number} ${what}, ${Math.round(performance.now() - startedAt)} ms\n`);
  socket.on('error', (error) => say(error.message));
  socket.on('close', () => say('closed'));
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  if (accepted >= settings.bansAfter) server.close();
  if (settings.closes === 'every-second' && number % 2 === 0) {
    socket.end();
    return;
  }
  serve(socket).then(say, (error) => say(`broke off: ${error.message}`));
});
server.listen(Number(port), address, () => process.stdout.write('listening\n'));
// A server that bans has closed its port; it stays, or its namespace would be thought dead.
setInterval(() => {}, 2 ** 30);
