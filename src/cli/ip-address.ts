/** Address family of a literal, 0 for anything else. An IPv6 literal may have a zone after `%`. */
export function familyOf(text: string): 0 | 4 | 6 {
  if (isIpv4(text)) return 4;
  return isIpv6(text) ? 6 : 0;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256)
  );
}

function isIpv6(text: string): boolean {
  const [address = '', zone, ...rest] = text.split('%');
  if (rest.length > 0 || (zone !== undefined && !/^[\w.-]+$/.test(zone))) return false;
  // The URL parser reads IPv6 literals strictly, and needs no module.
  return (
    /^[0-9a-fA-F:.]+$/.test(address) &&
    address.includes(':') &&
    URL.canParse(`http://[${address}]/`)
  );
}
