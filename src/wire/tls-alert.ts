import type { Named } from './open-set.js';
import { Reader } from './reader.js';
import { alertDescription, alertLevel } from './tls-names.js';
import { Writer } from './writer.js';

/** Alert, RFC 8446 section 6. */
export interface TlsAlert {
  readonly level: Named;
  readonly description: Named;
}

/**
 * @param fragment an unencrypted alert record's content: exactly two bytes. RFC 8446 section 5.1
 *   wants one alert in one record; an encrypted alert is longer and is refused here.
 * @throws DecodeError
 */
export function decodeTlsAlert(fragment: Uint8Array): TlsAlert {
  const reader = new Reader(fragment);
  const level = alertLevel(reader.u8('Alert.level'));
  const description = alertDescription(reader.u8('Alert.description'));
  reader.end('Alert');
  return { level, description };
}

export function encodeTlsAlert(alert: TlsAlert): Uint8Array {
  return new Writer().u8(alert.level.value).u8(alert.description.value).finish();
}
