import { prepareCertificates } from '../simulator/certificate.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/listen.js';
import type { Scenario } from '../simulator/scenario.js';

/**
 * Starts a simulated server with its certificates made beforehand: the first client would otherwise
 * measure how long that takes.
 *
 * @throws ProbeError as `startSimulator`
 */
export async function startReadySimulator(
  scenario: Scenario,
  nowMs: number,
  options: SimulatorOptions,
): Promise<Simulator> {
  await prepareCertificates(scenario, nowMs);
  return await startSimulator(scenario, options);
}
