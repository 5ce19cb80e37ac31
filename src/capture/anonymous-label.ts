import type { Endpoint } from '../handshake/trace.js';
import { parseAddress } from './address.js';
import { renderAddress } from './ip.js';
import type { LabelledConnection } from './probe-label.js';
import type { Pseudonyms } from './pseudonyms.js';

/**
 * What a probe says of its connection, under the names that its packets get. Purposes, reasons and
 * times stay: they are words of this program, none of which comes from a target.
 *
 * @returns null: there are no addresses left
 */
export function anonymousLabel(
  { client, server, label }: LabelledConnection,
  pseudonyms: Pseudonyms,
): LabelledConnection | null {
  const from = anonymousEnd(client, pseudonyms);
  const to = anonymousEnd(server, pseudonyms);
  if (from === null || to === null) return null;
  const name =
    label.name === null
      ? null
      : Buffer.from(pseudonyms.text(Buffer.from(label.name, 'latin1'))).toString('latin1');
  return { client: from, server: to, label: { ...label, name } };
}

function anonymousEnd({ address, port }: Endpoint, pseudonyms: Pseudonyms): Endpoint | null {
  const original = parseAddress(address ?? '');
  const made = original === null ? null : pseudonyms.address(original);
  if (made === null) return null;
  return { address: renderAddress(made, 0, made.length === 4 ? 4 : 16), port };
}
