import { CREDSSP_SCENARIOS } from './credssp-scenarios.js';
import { NEGOTIATION_SCENARIOS } from './negotiation-scenarios.js';
import type { Scenario } from './scenario.js';
import { SERVER_SCENARIOS } from './server-scenarios.js';
import { TLS_SCENARIOS } from './tls-scenarios.js';

/** Every scenario of the library, in the order of the stages. */
export const SCENARIOS: readonly Scenario[] = [
  ...SERVER_SCENARIOS,
  ...NEGOTIATION_SCENARIOS,
  ...TLS_SCENARIOS,
  ...CREDSSP_SCENARIOS,
];

/** The scenario of that name, or null. */
export function findScenario(name: string): Scenario | null {
  return SCENARIOS.find((scenario) => scenario.name === name) ?? null;
}
