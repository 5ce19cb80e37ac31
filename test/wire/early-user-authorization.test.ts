import t from 'tap';
import { DecodeError } from '../../src/wire/decode-error.js';
import {
  AUTHZ_ACCESS_DENIED,
  AUTHZ_SUCCESS,
  decodeEarlyUserAuthorization,
  encodeEarlyUserAuthorization,
  frameEarlyUserAuthorization,
} from '../../src/wire/early-user-authorization.js';
import { fromHex, toHex } from '../../src/wire/hex.js';
import { checkDecoding, outcome, type Vector } from '../support/wire-vectors.js';

const VECTORS: readonly Vector[] = [
  {
    name: 'the user may log on',
    hex: '00000000',
    value: { authorizationResult: { value: AUTHZ_SUCCESS, name: 'AUTHZ_SUCCESS' } },
  },
  {
    name: 'the user may not log on',
    hex: '05000000',
    value: { authorizationResult: { value: AUTHZ_ACCESS_DENIED, name: 'AUTHZ_ACCESS_DENIED' } },
  },
  {
    name: 'a result that the specification does not know',
    hex: '6d0000c0',
    value: { authorizationResult: { value: 0xc000006d, name: null } },
  },
];

t.test('decode', (t) => {
  checkDecoding(t, VECTORS, decodeEarlyUserAuthorization);
  t.ok(outcome(() => decodeEarlyUserAuthorization(fromHex('0000000000'))) instanceof DecodeError);
  t.end();
});

t.test('encode', (t) => {
  t.equal(toHex(encodeEarlyUserAuthorization(AUTHZ_SUCCESS)), '00000000');
  t.equal(toHex(encodeEarlyUserAuthorization(AUTHZ_ACCESS_DENIED)), '05000000');
  t.end();
});

t.test('frame', (t) => {
  t.same(frameEarlyUserAuthorization(fromHex('050000')), { kind: 'need-more' });
  t.same(frameEarlyUserAuthorization(fromHex('0500000003')), { kind: 'frame', length: 4 });
  t.end();
});
