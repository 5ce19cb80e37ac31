import type { Pseudonyms } from './pseudonyms.js';
import { type Scrubber, scrub } from './scrubber.js';

const SOCKS_VERSION = 5;
const USERNAME_PASSWORD = 2;
const DOMAIN_NAME = 3;

/** What of an HTTP request or answer stays: method, port, version and status. */
const HTTP_KEPT = /^CONNECT |:\d{1,5} HTTP\/1\.[01](?=\r?\n)|^HTTP\/1\.[01] \d{3}/g;

/** What a client and a proxy say to each other before a tunnel is open, with other names in it. */
export function scrubTunnel(
  client: Uint8Array,
  server: Uint8Array,
  pseudonyms: Pseudonyms,
): { readonly client: Uint8Array; readonly server: Uint8Array } {
  if (client[0] !== SOCKS_VERSION) {
    return { client: scrubHttp(client, pseudonyms), server: scrubHttp(server, pseudonyms) };
  }
  const hasCredentials = server[1] === USERNAME_PASSWORD;
  return {
    client: scrub(client, (scrubber) => {
      scrubber.keep(1);
      scrubber.keep(scrubber.u8());
      if (hasCredentials) scrubCredentials(scrubber, pseudonyms);
      scrubAddress(scrubber, pseudonyms);
    }),
    server: scrub(server, (scrubber) => {
      scrubber.keep(hasCredentials ? 4 : 2);
      scrubAddress(scrubber, pseudonyms);
    }),
  };
}

/** RFC 1929 section 2. */
function scrubCredentials(scrubber: Scrubber, pseudonyms: Pseudonyms): void {
  scrubber.keep(1);
  for (let field = 0; field < 2; field++) {
    scrubber.replace(scrubber.u8(), (original) => pseudonyms.text(original));
  }
}

/** A request or reply of RFC 1928 section 4 and 6. */
function scrubAddress(scrubber: Scrubber, pseudonyms: Pseudonyms): void {
  const [, , , type] = scrubber.keep(4);
  if (type === DOMAIN_NAME) {
    scrubber.replace(scrubber.u8(), (original) => pseudonyms.text(original));
  } else {
    scrubber.replace(
      type === 1 ? 4 : 16,
      (original) => pseudonyms.address(original) ?? pseudonyms.bytes(original),
    );
  }
  scrubber.keep(2);
}

function scrubHttp(bytes: Uint8Array, pseudonyms: Pseudonyms): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const out = pseudonyms.text(bytes);
  for (const { index, 0: kept } of text.matchAll(HTTP_KEPT)) {
    out.set(bytes.subarray(index, index + kept.length), index);
  }
  return out;
}
