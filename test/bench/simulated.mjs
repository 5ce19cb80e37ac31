/**
 * simulated.mjs ADDRESS PORT: the simulator's Windows with TLS 1.2, on an address of a namespace of
 * the bench's own. A program of its own, since it must run in that namespace; it ends with SIGTERM.
 */
import { findScenario, startSimulator } from '../../dist/index.js';

const [host, port] = process.argv.slice(2);
const scenario = findScenario('healthy-tls12');
if (scenario === undefined) throw new Error('the simulator has no healthy-tls12');
await startSimulator(scenario, { host, port: Number(port), allowRemote: true });
process.stdout.write('listening on it\n');
