import t from 'tap';
import type { ClientScan, ClientVerdict } from '../../src/handshake/scan-clients.js';
import { cleanStrings } from '../../src/report/clean.js';
import {
  renderClients,
  renderCredSsp,
  renderProfileList,
} from '../../src/report/text-scan-clients.js';
import type { TextStyle } from '../../src/report/text-style.js';
import { displayWidth } from '../../src/report/width.js';
import { credSspState } from '../../src/scan/credssp-state.js';
import { CLIENT_PROFILES } from '../../src/scan/profiles/clients.js';
import { NOTHING_KNOWN } from '../../src/scan/server-abilities.js';
import { listProfiles, surveyClients } from '../../src/scan/survey-clients.js';
import { askModel } from '../support/model-server.js';

const PLAIN: TextStyle = { width: 80, color: false, unicode: true, detail: 'normal' };
const VERBOSE: TextStyle = { ...PLAIN, detail: 'verbose' };
const ASCII = { ascii: true };

const HARMFUL: readonly string[] = ['\u001b', '\u202e', '\u0007'];

/** TLS 1.0, NLA, and a suite that needs no signature of SHA-1. */
const OLD_SERVER = {
  negotiate: (protocols: number | null) =>
    ((protocols ?? 0) & 2) !== 0
      ? ({ kind: 'selected', protocol: 2 } as const)
      : ({ kind: 'failure', code: 5 } as const),
  versions: [0x0301],
  suites: [0x002f],
  groups: [23],
};

function scanText(scan: ClientScan, style: TextStyle = PLAIN): readonly string[] {
  return renderClients(cleanStrings(scan, ASCII), style);
}

function fits(t: Tap, lines: readonly string[], width = 80): void {
  for (const line of lines)
    if (displayWidth(line) > width) t.fail(`${displayWidth(line)}: ${line}`);
}

type Tap = Pick<typeof t, 'fail'>;

t.test('who can connect, at a glance', async (t) => {
  const { ask } = askModel(OLD_SERVER);
  const known = { ...NOTHING_KNOWN, credsspVersion: 5 };
  const { scan } = await surveyClients(CLIENT_PROFILES, known, ask, 20);
  const lines = scanText(scan);
  fits(t, lines);
  t.equal(lines[0], 'who can connect: 16 of 22 clients, 3 cannot, 3 not known');
  t.match(lines[1], /client +gets +rests on/);
  t.match(lines[2], /^✓ +mstsc of Windows 7 as shipped +HYBRID TLSv1\.0 +asked$/);
  t.ok(lines.some((line) => /^✗ +FreeRDP 3 \(OpenSSL 3\) +fails in tls/.test(line)));
  const text = lines.join(' ').replace(/ +/g, ' ');
  t.match(text, /✗ freerdp3, remmina, ironrdp: the server speaks TLSv1\.0; this client/);
  t.match(text, /… macos-2019.*: .*not documented/);
  t.match(
    scanText(scan, { ...PLAIN, unicode: false }).join('\n'),
    /x freerdp3/,
    'ASCII has its own marks',
  );
});

t.test('nothing of a peer reaches the terminal as it is', (t) => {
  const verdict: ClientVerdict = {
    id: 'x\u001b[2J',
    title: 'a\u202eb',
    verdict: 'cannot',
    stage: 'tls',
    reason: 'alert \u001b]0;title\u0007',
    session: null,
    attempts: [3],
    basis: 'asked',
    restsOn: 'captured',
    question: null,
  };
  const text = scanText({ profiles: [verdict], connections: 1 }).join('\n');
  t.same(
    [...text].filter((sign) => HARMFUL.includes(sign)),
    [],
  );
  t.match(text, /asked/);
  t.match(scanText({ profiles: [], connections: 0 })[0], /0 of 0 clients/);
  t.end();
});

t.test('CVE-2018-0886', (t) => {
  const old = renderCredSsp(cleanStrings(credSspState(3), ASCII), PLAIN);
  fits(t, old);
  t.match(old[0], /^CredSSP +✗ version 3: Windows 8\.1/);
  t.match(old.join(' ').replace(/ +/g, ' '), /refuses a client with the fix refuses this server/);
  const updated = renderCredSsp(cleanStrings(credSspState(6), ASCII), VERBOSE);
  fits(t, updated);
  t.match(updated[0], /✓ version 6/);
  t.ok(
    updated.some((line) =>
      /^without the fix +Force Updated Clients +refused by server$/.test(line),
    ),
  );
  t.match(renderCredSsp(cleanStrings(credSspState(7), ASCII), PLAIN)[0], /not documented/);
  t.end();
});

t.test('the list of profiles', (t) => {
  const listings = listProfiles(CLIENT_PROFILES);
  const lines = renderProfileList(cleanStrings(listings, ASCII), PLAIN);
  fits(t, lines);
  for (const { id, title } of listings) t.ok(lines.includes(`${id}  ${title}`), id);
  t.ok(lines.some((line) => line.startsWith('  inferred')));
  t.ok(lines.some((line) => line.startsWith('  source-code')));
  t.end();
});
