import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { missingRequirement, type Programs } from '../../lab/requirements.js';

/** All that the paths themselves need; servers need more. */
export const PATH_PROGRAMS: Programs = {
  ip: 'iproute2',
  ss: 'iproute2',
  ethtool: 'ethtool',
  nft: 'nftables',
  ping: 'iputils-ping',
  sysctl: 'procps',
  setpriv: 'util-linux',
};

/** Set by as-root.mjs where it could neither be root nor look like it: why. */
export const NO_NAMESPACES = 'RDP_PROBE_NO_NAMESPACES';

/** Why no path can be built here, or null if one can. */
export function missingForPaths(more: Programs): string | null {
  const refused = process.env[NO_NAMESPACES];
  if (refused !== undefined && refused !== '') return refused;
  const missing = missingRequirement({ ...PATH_PROGRAMS, ...more });
  if (missing !== null) return missing;
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
  } catch (error) {
    return `needs /dev/net/tun for reading and writing: ${String(error)}`;
  }
  try {
    createRequire(import.meta.url).resolve('koffi');
    return null;
  } catch {
    return 'needs the optional npm package koffi';
  }
}
