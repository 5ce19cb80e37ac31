/**
 * `node survey.mjs ADDRESS PORT short|ciphers [LIMIT]`: the TLS survey as the built program makes it,
 * for where the server can only be reached from another namespace. Prints the scan as JSON.
 */
import { systemClock } from '../../dist/probe/clock.js';
import { NO_KERNEL_SOCKETS } from '../../dist/probe/kernel-socket.js';
import { probeAddress } from '../../dist/probe/probe-target.js';
import { DEFAULT_SETTINGS } from '../../dist/probe/settings.js';
import { surveyTls } from '../../dist/scan/tls-survey.js';

const [, , address, port, mode, limit] = process.argv;
const target = { host: address, port: Number(port) };
const io = {
  clock: systemClock(),
  kernel: NO_KERNEL_SOCKETS,
  signal: new AbortController().signal,
};
const scan = await surveyTls(
  ({ settings }) => probeAddress(target, address, { ...DEFAULT_SETTINGS, ...settings }, io, null),
  { ciphers: mode === 'ciphers', limit: Number(limit ?? (mode === 'ciphers' ? 400 : 8)) },
);
process.stdout.write(`${JSON.stringify(scan)}\n`);
