/** A number, as it was written. */
export interface NumberToken {
  readonly value: number;
  readonly written: 'hex' | 'decimal';
}

/** What is asked for, after its words were read. */
export interface ExplainQuery {
  /** families of codes that a word names; null: any */
  readonly families: readonly string[] | null;
  readonly numbers: readonly NumberToken[];
  /** what is neither a number nor a family, in small letters */
  readonly words: readonly string[];
}

/** More is no question any more. */
const MAX_TOKENS = 12;

/** Words that say which kind of code follows. */
const FAMILY_WORDS: Readonly<Record<string, readonly string[]>> = {
  alert: ['alert'],
  tls: ['alert'],
  event: ['event'],
  eventid: ['event'],
  failure: ['negotiation'],
  negotiation: ['negotiation'],
  errinfo: ['errinfo'],
  errorinfo: ['errinfo'],
  ntstatus: ['ntstatus'],
  status: ['ntstatus', 'security-status'],
  extended: ['extended', 'errinfo'],
  gateway: ['gateway', 'gateway-disconnect'],
  mstsc: ['disconnect', 'reported-disconnect', 'gateway-disconnect'],
  error: ['disconnect', 'reported-disconnect', 'gateway-disconnect'],
  disconnect: ['disconnect', 'reported-disconnect', 'gateway-disconnect'],
  logon: ['logon-error', 'early-authorization'],
  credssp: ['credssp-version'],
  protocol: ['protocol'],
  flag: ['response-flag'],
};

/** Words that stand between and say nothing. */
const FILLERS = new Set(['code', 'id', 'and', 'the', 'a', 'of', 'with']);

const UINT32 = 0x1_0000_0000;

export function readQuery(args: readonly string[]): ExplainQuery {
  const tokens = args
    .flatMap((arg) => arg.toLowerCase().split(/[\s,;:/()]+/))
    .filter((token) => token !== '' && !FILLERS.has(token))
    .slice(0, MAX_TOKENS);
  const numbers: NumberToken[] = [];
  const words: string[] = [];
  const named: string[] = [];
  for (const token of tokens) {
    const number = readNumber(token);
    if (number !== null) numbers.push(number);
    else if (Object.hasOwn(FAMILY_WORDS, token)) named.push(token);
    else words.push(token);
  }
  // Without a number such a word is a word: `explain gateway`.
  if (numbers.length === 0) return { families: null, numbers, words: [...named, ...words] };
  const families = named.flatMap((word) => FAMILY_WORDS[word] ?? []);
  return { families: families.length === 0 ? null : families, numbers, words };
}

/** Hex with 0x or with a letter among its digits, else decimal; negative as Windows shows a status. */
function readNumber(token: string): NumberToken | null {
  const hex =
    /^(?:0x|&h)([0-9a-f]{1,8})$/.exec(token)?.[1] ?? /^([0-9a-f]{1,8})h$/.exec(token)?.[1];
  if (hex !== undefined) return { value: Number.parseInt(hex, 16), written: 'hex' };
  if (/^-?\d{1,10}$/.test(token)) {
    const value = Number(token);
    if (value >= UINT32 || value < -UINT32 / 2) return null;
    // Small negative numbers are codes of their own.
    return { value: value < -0x1_0000 ? value + UINT32 : value, written: 'decimal' };
  }
  const bare = /^(?=.*\d)(?=.*[a-f])[0-9a-f]{3,8}$/.test(token);
  return bare ? { value: Number.parseInt(token, 16), written: 'hex' } : null;
}
