import { toHex } from '../../src/wire/hex.js';
import type { HelloExtension, HelloMaterial, OwnHello } from '../../src/wire/own-hello.js';
import { Reader } from '../../src/wire/reader.js';
import {
  decodeEcPointFormats,
  decodeKeyShares,
  decodeProtocolNameList,
  decodeServerName,
  decodeSignatureAlgorithms,
  decodeSupportedGroups,
  decodeSupportedVersions,
} from '../../src/wire/tls-extensions.js';
import {
  type ClientHello,
  decodeTlsHandshake,
  type TlsExtension,
} from '../../src/wire/tls-handshake.js';
import { decodeTlsRecord } from '../../src/wire/tls-record.js';

/** A recorded ClientHello as plain data, and what only that one connection had. */
export interface DescribedHello {
  readonly hello: OwnHello;
  readonly material: HelloMaterial;
}

/** @param record one whole TLS record */
export function describeHello(record: Uint8Array): DescribedHello {
  const { version, fragment } = decodeTlsRecord(record);
  const message = decodeTlsHandshake(fragment);
  if (message.kind !== 'client-hello') throw new TypeError(`${message.kind} is no ClientHello`);
  const { extensions } = message;
  return {
    hello: {
      recordVersion: version.value,
      legacyVersion: message.legacyVersion.value,
      sessionIdBytes: message.sessionId.length,
      cipherSuites: message.cipherSuites.map(({ value }) => value),
      compressionMethods: message.compressionMethods,
      extensions: extensions?.map((each) => describe(each, message, record.length)) ?? null,
    },
    material: {
      random: message.random,
      sessionId: message.sessionId,
      keyShares: keySharesOf(extensions ?? []),
      serverName: decodeServerName(extensions),
    },
  };
}

function values(list: readonly { readonly value: number }[] | null): readonly number[] {
  return (list ?? []).map(({ value }) => value);
}

function describe(each: TlsExtension, hello: ClientHello, recordBytes: number): HelloExtension {
  const { extensions } = hello;
  const name = each.type.name;
  switch (name) {
    case 'server_name':
      return { extension: name };
    case 'supported_versions':
      return { extension: name, versions: values(decodeSupportedVersions(extensions)) };
    case 'supported_groups':
      return { extension: name, groups: values(decodeSupportedGroups(extensions)) };
    case 'signature_algorithms':
      return { extension: name, schemes: values(decodeSignatureAlgorithms(extensions)) };
    case 'ec_point_formats':
      return { extension: name, formats: values(decodeEcPointFormats(extensions)) };
    case 'key_share':
      return {
        extension: name,
        groups: (decodeKeyShares(extensions) ?? []).map(({ group }) => group.value),
      };
    case 'application_layer_protocol_negotiation':
      return { extension: name, names: decodeProtocolNameList(extensions) ?? [] };
    case 'padding':
      return { extension: name, recordBytes };
    case 'session_ticket':
    case 'extended_master_secret':
    case 'encrypt_then_mac':
    case 'renegotiation_info':
      return { extension: name };
    default:
      return { extension: 'other', type: each.type.value, data: toHex(each.data) };
  }
}

function keySharesOf(extensions: readonly TlsExtension[]): ReadonlyMap<number, Uint8Array> {
  const shares = new Map<number, Uint8Array>();
  const data = extensions.find(({ type }) => type.name === 'key_share')?.data;
  if (data === undefined) return shares;
  const reader = new Reader(data);
  reader.u16be('client_shares');
  while (reader.remaining > 0) {
    const group = reader.u16be('group');
    shares.set(group, reader.bytes(reader.u16be('key_exchange'), 'key_exchange'));
  }
  return shares;
}
