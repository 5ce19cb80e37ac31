import type { RdpMethod, RdpSecurityReport } from '../handshake/scan.js';
import { type Entry, renderEntries } from './text-block.js';
import { glyphsOf, paintOf, type TextStyle } from './text-style.js';

const LABEL_WIDTH = 13;

/** Encryption methods, level and key of standard RDP security, a line each. */
export function renderRdpSecurity(report: RdpSecurityReport, style: TextStyle): string[] {
  const { level, certificate, methods } = report;
  const paint = paintOf(style);
  const list: Entry[] = [
    { label: 'methods', text: methods.map((one) => methodText(one, style)).join('   ') },
    ...(level === null ? [] : [{ label: 'level', text: level.name ?? `${level.value}` }]),
    ...(certificate === null ? [] : [{ label: 'certificate', text: certificateText(certificate) }]),
  ];
  const block = { width: style.width, indent: 0, labelWidth: LABEL_WIDTH, paint };
  return [paint.bold('standard RDP security'), ...renderEntries(list, block)];
}

const METHOD_WORDS: Readonly<Record<string, string>> = {
  ENCRYPTION_METHOD_40BIT: '40 bit',
  ENCRYPTION_METHOD_56BIT: '56 bit',
  ENCRYPTION_METHOD_128BIT: '128 bit',
  ENCRYPTION_METHOD_FIPS: 'FIPS',
};

function methodText({ method, accepted }: RdpMethod, style: TextStyle): string {
  const { good, none, pending } = glyphsOf(style);
  const word = METHOD_WORDS[method.name ?? ''] ?? `method ${method.value}`;
  return `${accepted === null ? pending : accepted ? good : none} ${word}`;
}

function certificateText({
  kind,
  temporary,
  keyBits,
}: NonNullable<RdpSecurityReport['certificate']>): string {
  const bits = keyBits === null ? '' : `, RSA ${keyBits} bits`;
  return `${kind}${bits}${temporary ? ', temporary' : ''}`;
}
