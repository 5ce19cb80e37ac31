import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { decodeTlsAlert, encodeTlsAlert } from '../../src/wire/tls-alert.js';
import { checkDecoding, checkNoOtherError, type Vector } from '../support/wire-vectors.js';

function row(
  hex: string,
  level: [number, string | null],
  description: [number, string | null],
): Vector {
  return {
    name: `${level[1]} ${description[1]}`,
    hex,
    value: {
      level: { value: level[0], name: level[1] },
      description: { value: description[0], name: description[1] },
    },
  };
}

const VECTORS: readonly Vector[] = [
  row('02 46', [2, 'fatal'], [70, 'protocol_version']),
  row('02 28', [2, 'fatal'], [40, 'handshake_failure']),
  row('01 00', [1, 'warning'], [0, 'close_notify']),
  row('02 31', [2, 'fatal'], [49, 'access_denied']),
  row('02 50', [2, 'fatal'], [80, 'internal_error']),
  row('01 29', [1, 'warning'], [41, 'no_certificate']),
  row('02 78', [2, 'fatal'], [120, 'no_application_protocol']),
  row('03 ff', [3, null], [255, null]),
];

t.test('decode', (t) => {
  checkDecoding(t, VECTORS, decodeTlsAlert);
  t.end();
});

t.test('encode', (t) => {
  for (const { name, hex } of VECTORS) {
    const bytes = fromHex(hex);
    t.equal(toHex(encodeTlsAlert(decodeTlsAlert(bytes))), toHex(bytes), name);
  }
  t.end();
});

t.test('two alerts, or an encrypted one, are not an alert', (t) => {
  for (const hex of ['0228 0100', '0000000000000001 aabbccdd', '']) {
    t.throws(() => decodeTlsAlert(fromHex(hex)), DecodeError, hex);
  }
  t.end();
});

t.test('whatever the bytes, no other error', (t) => {
  checkNoOtherError(
    t,
    decodeTlsAlert,
    VECTORS.map(({ hex }) => hex),
  );
  t.end();
});
