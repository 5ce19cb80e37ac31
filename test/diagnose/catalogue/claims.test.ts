import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { CauseId } from '../../../src/diagnose/catalogue/catalogue.js';
import { CLAIMS, type ClaimVerdict } from '../../../src/diagnose/catalogue/claims.js';
import { explain } from '../../../src/diagnose/explain.js';

/*
 * The project began with three pages on 0x904 / 0x7. Every claim of theirs: what the program says of
 * it, and where it leads.
 */

const CASES: readonly (readonly [
  claim: string,
  verdict: ClaimVerdict,
  cause: CauseId,
  /** what a user of the claim would type, and which has to lead to the cause */
  asked: string,
])[] = [
  ['S0-1', 'partly', 'credssp-oracle-patched-client-unpatched-server', 'vulnerable'],
  ['S0-2', 'holds', 'credssp-oracle-patched-client-unpatched-server', 'encryption oracle'],
  ['S0-3', 'partly', 'general-secure-negotiation-failure', '0x904'],
  ['S0-4', 'partly', 'packet-loss-on-path', 'packet loss'],
  ['S0-5', 'partly', 'self-signed-cert-not-renewed', 'expired certificate'],
  ['S0-6', 'holds', 'security-layer-rdp-only', 'security layer'],
  ['S0-7', 'unfounded', 'host-firewall-wrong-profile', 'firewall profile'],
  ['S0-8', 'unfounded', 'tls-required-by-server', 'tls required'],
  ['S0-9', 'holds', 'private-key-acl-machinekeys', 'machinekeys'],
  ['S0-10', 'partly', 'latency-or-slow-path', 'slow path'],
  ['S0-11', 'partly', 'host-firewall-rdp-rule', 'firewall'],
  ['S0-12', 'holds', 'self-signed-cert-not-renewed', 'self-signed certificate'],
  ['S0-13', 'partly', 'mtu-pmtud-blackhole', 'mtu'],
  ['S1-1', 'partly', 'general-secure-negotiation-failure', 'secure negotiation'],
  ['S1-2', 'holds', 'tls-cipher-mismatch', 'cipher'],
  ['S1-3', 'partly', 'update-24h2-udp-65s', 'update'],
  ['S1-4', 'wrong', 'private-key-acl-machinekeys', 'machinekeys'],
  ['S1-5', 'holds', 'termservice-not-running', 'service running'],
  ['S1-6', 'unfounded', 'rdp-disabled', 'rdp-disabled'],
  ['S1-7', 'partly', 'network-acl-or-nsg-block', 'network acl'],
  ['S1-8', 'unfounded', 'credssp-oracle-patched-client-unpatched-server', 'cve-2018-0886'],
  ['S1-9', 'holds', 'general-secure-negotiation-failure', '0x904 0x7'],
  ['S2-1', 'partly', 'security-layer-rdp-only', 'security layer'],
  ['S2-2', 'holds', 'tls-server-only-legacy', 'legacy'],
  ['S2-3', 'partly', 'nla-required-by-server', 'nla'],
  ['S2-4', 'wrong', 'private-key-missing-or-corrupt', 'private key corrupt'],
  ['S2-5', 'partly', 'update-2026-01-credential-prompt', 'credential prompt'],
  ['S2-6', 'holds', 'security-layer-rdp-only', 'security layer'],
  ['S2-7', 'unfounded', 'load-balancer-or-broker-token', 'broker'],
  ['S2-8', 'holds', 'wifi-or-access-link-unstable', 'wi-fi'],
  ['S2-9', 'holds', 'rdp-port-changed', 'port'],
  ['S2-10', 'holds', 'custom-cert-key-acl', 'network service'],
  ['S2-11', 'wrong', 'wmi-repository-corrupt', 'winmgmt'],
  ['S2-12', 'partly', 'tls-versions-disabled-on-host', 'tls versions'],
  ['S2-13', 'holds', 'server-has-no-usable-certificate', 'failure 3'],
  ['S2-14', 'wrong', 'termservice-not-running', 'termservice'],
];

t.test('every claim leads to a cause, its page, and what explain says', (t) => {
  t.same(
    CASES.map(([id]) => id).sort(),
    CLAIMS.map(({ id }) => id).sort(),
    'the table has all of them',
  );
  for (const [id, verdict, cause, asked] of CASES) {
    const claim = CLAIMS.find((each) => each.id === id);
    t.equal(claim?.verdict, verdict, `${id}: ${verdict}`);
    t.ok(claim?.causes.includes(cause), `${id}: ${cause}`);
    const page = new URL(`../../../docs/causes/${cause}.md`, import.meta.url);
    t.ok(existsSync(page), `${id}: has a page`);
    t.match(readFileSync(page, 'utf8'), /## What is said on the web/, `${id}: the page tells`);
    const explained = explain(asked.split(' '));
    if (!explained.known) t.fail(`${id}: '${asked}' is not known`);
    else {
      const { causes, readings } = explained.explanation;
      const found = [...causes, ...readings.flatMap((reading) => reading.causes)];
      t.ok(
        found.some((each) => each.cause === cause),
        `${id}: '${asked}' leads to ${cause}`,
      );
    }
  }
  t.end();
});

t.test('where the pages are wrong, the right thing is said', (t) => {
  const judgement = (id: string): string =>
    CLAIMS.find((claim) => claim.id === id)?.judgement ?? '';
  for (const id of ['S1-4', 'S2-4']) t.match(judgement(id), /the one key file .* f686aace/, id);
  t.match(judgement('S0-1'), /belongs on the client/);
  t.match(judgement('S0-2'), /take it back/);
  t.match(judgement('S2-11'), /\/salvagerepository/);
  t.match(judgement('S2-14'), /Restart-Service TermService/);
  t.match(judgement('S0-11'), /0x204 or 0x108/);
  t.match(judgement('S2-12'), /as a test only/);
  t.end();
});
