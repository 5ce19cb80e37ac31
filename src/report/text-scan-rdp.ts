import type { ValueName } from '../handshake/handshake.js';
import type { RdpMethod, RdpSecurityReport } from '../handshake/scan.js';
import { type Entry, renderEntries } from './text-block.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';

const LABEL_WIDTH = 13;

/** Encryption methods, level and key of standard RDP security, a line each. */
export function renderRdpSecurity(report: RdpSecurityReport, style: TextStyle): string[] {
  const paint = paintOf(style);
  const block = { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint };
  return [
    paint.bold('standard RDP security'),
    ...renderEntries(rdpSecurityEntries(report, style), block),
  ];
}

/** The same as labels and texts. */
export function rdpSecurityEntries(
  { level, certificate, methods }: RdpSecurityReport,
  style: TextStyle,
): Entry[] {
  return [
    { label: 'methods', text: methods.map((one) => methodText(one, style)).join('   ') },
    ...(level === null ? [] : [{ label: 'level', text: level.name ?? `${level.value}` }]),
    ...(certificate === null ? [] : [{ label: 'certificate', text: certificateText(certificate) }]),
  ];
}

const METHOD_WORDS: Readonly<Record<string, string>> = {
  ENCRYPTION_METHOD_40BIT: '40 bit',
  ENCRYPTION_METHOD_56BIT: '56 bit',
  ENCRYPTION_METHOD_128BIT: '128 bit',
  ENCRYPTION_METHOD_FIPS: 'FIPS',
};

function methodText({ method, accepted }: RdpMethod, style: TextStyle): string {
  const { good, none, pending } = glyphsOf(style);
  return `${accepted === null ? pending : accepted ? good : none} ${methodWord(method)}`;
}

/** What people call a method. */
export function methodWord({ name, value }: ValueName): string {
  return METHOD_WORDS[name ?? ''] ?? `method ${value}`;
}

function certificateText({
  kind,
  temporary,
  keyBits,
}: NonNullable<RdpSecurityReport['certificate']>): string {
  const bits = keyBits === null ? '' : `, RSA ${keyBits} bits`;
  return `${kind}${bits}${temporary ? ', temporary' : ''}`;
}
