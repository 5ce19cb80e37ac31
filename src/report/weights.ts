import type { Finding, WeighedSignal } from '../diagnose/finding.js';

const WORDS: Readonly<Record<WeighedSignal['weight'], string>> = {
  decisive: 'decisive',
  supporting: 'supporting',
  hint: 'a hint',
  'rules-out': 'ruled out',
  weakens: 'against it',
};

/** What the weights say in one line: `tls.alert-40 (supporting), net.loss-low (ruled out)`; null: none. */
export function weightsLine({ weights = [] }: Pick<Finding, 'weights'>): string | null {
  if (weights.length === 0) return null;
  // A saved report of a later version may have other words.
  const word = (weight: WeighedSignal['weight']): string => WORDS[weight] ?? weight;
  return weights.map(({ signal, weight }) => `${signal} (${word(weight)})`).join(', ');
}
