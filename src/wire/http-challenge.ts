/** One challenge of a `WWW-Authenticate` or `Proxy-Authenticate` field, RFC 9110 section 11.6. */
export interface HttpChallenge {
  /** as written */
  readonly scheme: string;
  /** what stands behind the scheme alone: the token of NTLM and Negotiate, in base64 */
  readonly token68: string | null;
  /** names in lower case */
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}

/** More than any server offers. */
const MAX_CHALLENGES = 20;
const MAX_PARAMETERS = 40;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;
const TOKEN68 = /^[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/;
const PARAMETER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/;

/**
 * The challenges of all fields of one name. One field may hold several, separated by commas, as the
 * parameters within one are: what is followed by `=` is a parameter, what is not begins a challenge.
 * What cannot be read ends the reading of its field: there is no error.
 */
export function parseHttpChallenges(values: readonly string[]): readonly HttpChallenge[] {
  const challenges: HttpChallenge[] = [];
  for (const value of values) {
    let rest = value.replace(/^[\s,]+/, '');
    while (rest !== '' && challenges.length < MAX_CHALLENGES) {
      const read = readChallenge(rest);
      if (read === null) break;
      challenges.push(read.challenge);
      rest = read.rest.replace(/^[\s,]+/, '');
    }
  }
  return challenges;
}

function readChallenge(text: string): { challenge: HttpChallenge; rest: string } | null {
  const scheme = TOKEN.exec(text)?.[0];
  if (scheme === undefined) return null;
  let rest = text.slice(scheme.length);
  // A scheme stands alone, or before white space; anything else cannot be one.
  if (rest !== '' && !/^[\s,]/.test(rest)) return null;
  rest = rest.replace(/^[ \t]+/, '');
  const token68 = TOKEN68.exec(rest)?.[0] ?? null;
  // A parameter has something behind its `=`, a token68 nothing but more of them.
  if (token68 !== null) {
    return {
      challenge: { scheme, token68, parameters: [] },
      rest: rest.slice(token68.length),
    };
  }
  const parameters: { name: string; value: string }[] = [];
  for (;;) {
    const match = PARAMETER.exec(rest);
    if (match === null || parameters.length >= MAX_PARAMETERS) break;
    const [whole, name = '', quoted, plain] = match;
    const value = quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1');
    parameters.push({ name: name.toLowerCase(), value });
    rest = rest.slice(whole.length);
    // Behind a comma stands the next parameter, or the next challenge.
    const after = /^[ \t]*,[\s,]*/.exec(rest)?.[0];
    if (after === undefined || PARAMETER.exec(rest.slice(after.length)) === null) break;
    rest = rest.slice(after.length);
  }
  return { challenge: { scheme, token68: null, parameters }, rest };
}

/** Bytes of a token68; null: it is not base64. */
export function decodeToken68(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.replace(/=/g, '').length % 4 === 1) return null;
  return new Uint8Array(Buffer.from(text, 'base64'));
}

export function encodeToken68(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
