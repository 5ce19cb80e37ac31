import type { Handshake, ReportEvent } from '../../handshake/handshake.js';
import { otherSide, type Side } from '../../handshake/trace.js';
import { formatDuration, plural } from '../format.js';
import type { Tone } from './parts.js';

/** One line of the ladder: what went from one side to the other, or what is to be said between. */
export type LadderRow = { readonly atMs: number | null; readonly label: string } & (
  | {
      readonly kind: 'arrow';
      readonly by: Side;
      /** `network`: it comes from a router on the way, to the other side of `by` */
      readonly from: Side | 'network';
      readonly note: string;
      readonly tone: Tone | null;
      /** not the first copy, or not seen */
      readonly dashed: boolean;
    }
  | { readonly kind: 'note'; readonly tone: Tone | null }
  | { readonly kind: 'pause' }
);

/** Longer ones run over the lanes on a telephone; the table of events has the whole. */
const LABEL_LENGTH = 34;

/** Lines of a ladder; a handshake has thirty at most. */
const MAX_ROWS = 60;

/** A pause is drawn where it is so long, and so large a share of the whole. */
const PAUSE_MS = 20;
const PAUSE_SHARE = 0.12;

/** The exchange as it is drawn, in time order. */
export function ladderRows({ events }: Pick<Handshake, 'events'>): readonly LadderRow[] {
  // Where what is inside was seen as well, the records around it say nothing.
  const told = events.some(isInside) ? events.filter((event) => !isRecordOf(event)) : events;
  const rows = inOrder(gathered(told.flatMap((event) => rowsOf(event)))).map(shortened);
  const shown = rows.slice(0, MAX_ROWS);
  const left = rows.length - shown.length;
  const all: readonly LadderRow[] =
    left === 0
      ? shown
      : [
          ...shown,
          { kind: 'note', atMs: null, label: `and ${plural(left, 'more event')}`, tone: 'dim' },
        ];
  return withPauses(all);
}

function isRecordOf(event: ReportEvent): boolean {
  return event['kind'] === 'tls-record';
}

/** A message that only those see who are an end of the TLS connection, or have its keys. */
function isInside({ message }: ReportEvent): boolean {
  return isRecord(message) && /^(ts-request|mcs-)/.test(text(message['type']));
}

/** What has no time stays where it was. */
function inOrder(rows: readonly LadderRow[]): readonly LadderRow[] {
  let last = 0;
  return rows
    .map((row) => {
      last = row.atMs ?? last;
      return { row, at: last };
    })
    .toSorted((one, other) => one.at - other.at)
    .map(({ row }) => row);
}

function shortened(row: LadderRow): LadderRow {
  const label = short(row.label);
  return row.kind === 'arrow' ? { ...row, label, note: short(row.note) } : { ...row, label };
}

function short(text: string): string {
  const points = [...text];
  return points.length <= LABEL_LENGTH ? text : `${points.slice(0, LABEL_LENGTH - 1).join('')}…`;
}

function withPauses(rows: readonly LadderRow[]): readonly LadderRow[] {
  const times = rows.flatMap(({ atMs }) => atMs ?? []);
  const total = Math.max(...times, 0) - Math.min(...times, 0);
  const least = Math.max(PAUSE_MS, total * PAUSE_SHARE);
  let before: number | null = null;
  return rows.flatMap((row): LadderRow[] => {
    const passed = before === null || row.atMs === null ? 0 : row.atMs - before;
    before = row.atMs ?? before;
    return passed < least
      ? [row]
      : [{ kind: 'pause', atMs: null, label: formatDuration(passed) }, row];
  });
}

/** Encrypted records of one side that follow each other are one line. */
function gathered(rows: readonly LadderRow[]): readonly LadderRow[] {
  const done: LadderRow[] = [];
  let run: { readonly by: Side; count: number } | null = null;
  for (const row of rows) {
    const last = done.at(-1);
    const sealed = row.kind === 'arrow' && row.label === SEALED;
    if (sealed && run !== null && run.by === row.by && last?.kind === 'arrow') {
      run.count++;
      done[done.length - 1] = { ...last, note: plural(run.count, 'record') };
      continue;
    }
    run = sealed ? { by: row.by, count: 1 } : null;
    done.push(row);
  }
  return done;
}

const SEALED = 'encrypted';

function rowsOf(event: ReportEvent): readonly LadderRow[] {
  const { atMs } = event;
  const by = sideOf(event['by']);
  const note = (label: string, tone: Tone | null = null): readonly LadderRow[] => [
    { kind: 'note', atMs, label, tone },
  ];
  const arrow = (
    from: Side,
    label: string,
    more: { readonly note?: string; readonly tone?: Tone; readonly dashed?: boolean } = {},
  ): readonly LadderRow[] => [
    {
      kind: 'arrow',
      atMs,
      by: from,
      from,
      label,
      note: more.note ?? '',
      tone: more.tone ?? null,
      dashed: more.dashed ?? false,
    },
  ];
  switch (event['kind']) {
    case 'lookup':
      return note(
        isRecord(event['error'])
          ? `name not found: ${text(event['name'])}`
          : `resolved ${text(event['name'])}`,
        isRecord(event['error']) ? 'bad' : null,
      );
    case 'tcp-connect':
      return arrow('client', 'SYN');
    case 'tcp-accepted':
      return arrow('server', 'SYN/ACK');
    case 'tcp-failed':
      return failedConnection(event);
    case 'tcp-end':
      return event['how'] === 'reset'
        ? arrow(by, 'reset', { tone: 'bad' })
        : arrow(by, 'FIN', { note: 'closed in order' });
    case 'message': {
      const told = tellMessage(event['message']);
      return arrow(by, told.label, told);
    }
    case 'tls-record':
      return arrow(by, SEALED, { note: '1 record', tone: 'dim' });
    case 'gap':
      return arrow(by, `${text(event['bytes'])} bytes not captured`, {
        tone: 'dim',
        dashed: true,
      });
    case 'malformed':
      return arrow(by, 'unreadable bytes', { note: text(event['problem']), tone: 'bad' });
    case 'unexpected':
      return arrow(by, 'out of place', { note: text(event['what']), tone: 'warn' });
    case 'foreign':
      return arrow(
        by,
        `not RDP${event['protocol'] === null ? '' : `: ${text(event['protocol'])}`}`,
        {
          note: text(event['text']),
          tone: 'bad',
        },
      );
    case 'silence': {
      const waited = typeof event['waitedMs'] === 'number' ? formatDuration(event['waitedMs']) : '';
      return note(`${text(event['waitingFor'])} silent for ${waited}`, 'bad');
    }
    case 'flood':
      return note(`the ${by} sent more than any handshake needs`, 'bad');
    case 'tls-secured':
      return note(`secured: ${text(event['version'])}`, 'good');
    case 'endpoint-error':
      return note(`TLS of this probe gave up: ${text(event['code'])}`, 'warn');
    case 'nla-verdict':
      return note(
        `logon: ${text(event['outcome'])}`,
        event['outcome'] === 'accepted' ? 'good' : 'bad',
      );
    case 'interrupted':
      return note('interrupted here', 'warn');
    case 'answered':
      return note('asked and answered: the probe leaves', 'dim');
    case 'joined':
      return note('the capture begins in the middle', 'warn');
    case 'tunnel':
      return isRecord(event['refusal'])
        ? note(`${text(event['protocol'])}: refused`, 'bad')
        : note(`way opened: ${text(event['protocol'])}`);
    case 'tcp-figures':
      return [...list(event['resent']).flatMap(resent), ...list(event['icmp']).flatMap(icmp)];
    default:
      // Figures of the kernel and the like are no part of the exchange.
      return [];
  }
}

function failedConnection(event: ReportEvent): readonly LadderRow[] {
  const { atMs } = event;
  const code = event['code'] === null ? '' : text(event['code']);
  if (event['by'] === 'server' || event['by'] === 'network') {
    return [
      {
        kind: 'arrow',
        atMs,
        by: 'server',
        from: event['by'],
        label: text(event['how']),
        note: code,
        tone: 'bad',
        dashed: false,
      },
    ];
  }
  const says = event['how'] === 'timeout' ? 'no answer to the SYN' : `not sent: ${code}`;
  return [{ kind: 'note', atMs, label: says, tone: 'bad' }];
}

function resent(one: Record<string, unknown>): readonly LadderRow[] {
  const by = sideOf(one['by']);
  const bytes = one['bytes'] === 0 ? 'SYN or FIN' : `${text(one['bytes'])} bytes`;
  return [
    {
      kind: 'arrow',
      atMs: milliseconds(one['at']),
      by,
      from: by,
      label: 'sent again',
      note: bytes,
      tone: 'warn',
      dashed: true,
    },
  ];
}

function icmp(one: Record<string, unknown>): readonly LadderRow[] {
  return [
    {
      kind: 'arrow',
      atMs: milliseconds(one['at']),
      by: otherSide(sideOf(one['about'])),
      from: 'network',
      label: `ICMP ${text(one['type'])}`,
      note: `${one['mtu'] === null ? '' : `MTU ${text(one['mtu'])}, `}from ${text(one['from'])}`,
      tone: 'warn',
      dashed: false,
    },
  ];
}

interface Told {
  readonly label: string;
  readonly note?: string;
  readonly tone?: Tone;
}

function tellMessage(message: unknown): Told {
  if (!isRecord(message)) return { label: 'message' };
  switch (message['type']) {
    case 'x224-request':
      return { label: 'X.224 request', note: protocols(message['requestedProtocols']) };
    case 'x224-confirm':
      return tellConfirm(message['negotiation']);
    case 'x224-disconnect':
      return { label: 'X.224 disconnect', note: named(message['reason']), tone: 'bad' };
    case 'x224-error':
      return { label: 'X.224 error', note: named(message['cause']), tone: 'bad' };
    case 'tls-client-hello':
      return { label: 'ClientHello', note: list(message['versions']).map(named).join(', ') };
    case 'tls-server-hello':
      return {
        label: message['helloRetryRequest'] === true ? 'HelloRetryRequest' : 'ServerHello',
        note: named(message['version']),
      };
    case 'tls-certificate':
      return { label: 'Certificate', note: text(list(message['certificates'])[0]?.['commonName']) };
    case 'tls-handshake':
      return { label: specified(text(message['name'])) };
    case 'tls-change-cipher-spec':
      return { label: 'ChangeCipherSpec', tone: 'dim' };
    case 'tls-finished':
      return { label: 'Finished' };
    case 'tls-alert': {
      const name = named(message['description']);
      const tone = name === 'close_notify' || name === '' ? 'dim' : 'bad';
      return { label: 'TLS alert', note: name || 'encrypted', tone };
    }
    case 'ts-request':
      return {
        label: `CredSSP TSRequest v${text(message['version'])}`,
        note: [...strings(message['carries']), named(message['errorCode'])]
          .filter(Boolean)
          .join(', '),
        ...(isRecord(message['errorCode']) ? { tone: 'bad' as const } : {}),
      };
    case 'early-user-authorization':
      return { label: 'Early User Authorization', note: named(message['result']) };
    case 'mcs-connect-initial':
      return { label: 'MCS Connect-Initial', note: rdp(message['rdpVersion']) };
    case 'mcs-connect-response':
      return { label: 'MCS Connect-Response', note: rdp(message['rdpVersion']) };
    case 'mcs-disconnect':
      return { label: 'MCS disconnect', note: named(message['reason']), tone: 'bad' };
    default:
      return { label: text(message['what'] ?? message['type']) };
  }
}

function tellConfirm(negotiation: unknown): Told {
  if (!isRecord(negotiation)) return { label: 'X.224 confirm' };
  switch (negotiation['kind']) {
    case 'response':
      return { label: 'X.224 confirm', note: bare(named(negotiation['selectedProtocol'])) };
    case 'failure':
      return { label: 'negotiation failure', note: named(negotiation['failureCode']), tone: 'bad' };
    default:
      return { label: 'X.224 confirm', note: 'without a negotiation' };
  }
}

function protocols(flags: unknown): string {
  if (!isRecord(flags)) return 'without a negotiation';
  const names = strings(flags['names']).map(bare);
  return names.length === 0 ? `protocols ${text(flags['value'])}` : names.join(', ');
}

/** `server-key-exchange` as the specification writes it. */
function specified(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
}

function bare(name: string): string {
  return name.replace('PROTOCOL_', '');
}

function rdp(version: unknown): string {
  return isRecord(version) ? `RDP ${named(version)}` : '';
}

function named(value: unknown): string {
  if (!isRecord(value)) return '';
  return typeof value['name'] === 'string' ? value['name'] : text(value['value']);
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function list(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function milliseconds(micros: unknown): number | null {
  return typeof micros === 'number' ? micros / 1000 : null;
}

function sideOf(value: unknown): Side {
  return value === 'server' ? 'server' : 'client';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
