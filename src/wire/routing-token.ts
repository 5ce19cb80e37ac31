/** What a routing token points at, as far as its form is a known one. */
export type RoutingToken =
  /** `Cookie: msts=ADDRESS.PORT.RESERVED`: a host behind a load balancer */
  | { readonly form: 'msts'; readonly address: string; readonly port: number }
  /** `tsv://PLUGIN.VERSION.COLLECTION`: a collection of an RD Connection Broker */
  | { readonly form: 'tsv'; readonly collection: string | null }
  /** `mth://HOST/ID`: a host of Azure Virtual Desktop */
  | { readonly form: 'mth' }
  | { readonly form: 'unknown' };

const MSTS = /^Cookie: msts=(\d{1,10})\.(\d{1,5})\.\d*$/;

/**
 * Reads the routing token of a Connection Request, [MS-RDPBCGR] 2.2.1.1, without its CR LF. The
 * specification leaves the form to the load balancer, so that an unknown one is no error.
 */
export function readRoutingToken(token: string): RoutingToken {
  const [, address, port] = MSTS.exec(token) ?? [];
  if (address !== undefined && port !== undefined) {
    const [bytes, portBytes] = [Number(address), Number(port)];
    if (bytes <= 0xffff_ffff && portBytes <= 0xffff) {
      return { form: 'msts', address: dotted(bytes), port: swapped(portBytes) };
    }
  }
  if (/^tsv:\/\//.test(token)) return { form: 'tsv', collection: collectionOf(token) };
  return { form: /^mth:\/\//.test(token) ? 'mth' : 'unknown' };
}

/** The number holds the four bytes of the address in the order in which a PC keeps them. */
function dotted(bytes: number): string {
  return [0, 8, 16, 24].map((shift) => (bytes >>> shift) & 0xff).join('.');
}

/** Likewise the two bytes of the port, the high one first. */
function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >>> 8);
}

/** `tsv://MS Terminal Services Plugin.1.Sales`: names of collections may have dots in them. */
function collectionOf(token: string): string | null {
  return /^tsv:\/\/[^.]*\.\d+\.(.+)$/.exec(token)?.[1] ?? null;
}

/**
 * Why a text is no routing token although it was meant as one, as a clause; null: nothing speaks
 * against it.
 */
export function routingTokenProblem(text: string): string | null {
  const line = /^loadbalanceinfo:s:(.*)$/is.exec(text)?.[1];
  if (line !== undefined) return `is a line of an .rdp file: the token alone is '${line}'`;
  if (/(\\r|\\n|\\0d|\\0a)$/i.test(text)) return 'ends in a line end, which is added by itself';
  if (/^(cookie: )?mstshash=/i.test(text)) {
    return 'is the cookie of a user name, not a routing token: --cookie NAME sends one';
  }
  if (/^msts=/i.test(text)) return `has to begin with 'Cookie: ', as in 'Cookie: ${text}'`;
  if (/^cookie:\s*msts=/i.test(text) && readRoutingToken(text).form !== 'msts') {
    return "has not the form 'Cookie: msts=ADDRESS.PORT.0000', with both as numbers";
  }
  if (/^(tsv|mth):/i.test(text) && !/^(tsv|mth):\/\//.test(text)) {
    return `has to begin with '${text.slice(0, 3).toLowerCase()}://', in small letters`;
  }
  return null;
}
