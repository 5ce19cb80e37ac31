import { clausesOf, tlsAloneDiffers } from './compare-scans.js';
import {
  atOnce,
  byComputer,
  type Compared,
  type Conclusion,
  computerOf,
  groupedBy,
  keysOf,
  kindOf,
  offerOf,
  valuesBy,
} from './compared.js';

/** How servers answered: the connection that counts, and everything that a scan asked. */
export function answers(reports: readonly Compared[]): readonly Conclusion[] {
  const inHandshake = clausesOfHandshakes(reports);
  const inScan = clausesOf(reports);
  const alike = groupedBy(reports, offerOf).size <= 1;
  // A scan asks its own questions, whatever the first connection offered.
  const what = [...(alike ? inHandshake : []), ...inScan].join('; ');
  return [
    ...(alike || inHandshake.length === 0 ? [] : [askedDifferently(inHandshake.join('; '))]),
    ...(what === '' ? [] : [reading(reports, what)]),
  ];
}

function clausesOfHandshakes(reports: readonly Compared[]): readonly string[] {
  const selected = groupedBy(reports, selectedBy);
  const suites = groupedBy(reports, ({ handshake }) => suiteOf(handshake));
  const flags = groupedBy(reports, ({ handshake }) => {
    const value = handshake?.x224.response.flags?.value;
    return value === undefined ? null : `0x${value.toString(16)}`;
  });
  return [
    ...(selected.size > 1 ? [`the protocol (${valuesBy(selected, 'got')})`] : []),
    ...(flags.size > 1 ? [`the flags of the negotiation (${valuesBy(flags, 'got')})`] : []),
    ...(suites.size > 1 ? [`TLS (${valuesBy(suites, 'got')})`] : []),
  ];
}

function selectedBy({ handshake }: Compared): string | null {
  const response = handshake?.x224.response;
  if (response === undefined || response.kind === null) return null;
  const { selectedProtocol, failure } = response;
  if (failure !== null) return `failure ${failure.name ?? failure.code}`;
  if (selectedProtocol === null) return response.kind;
  return selectedProtocol.name ?? String(selectedProtocol.value);
}

function suiteOf(handshake: Compared['handshake']): string | null {
  const { version = null, cipher = null } = handshake?.tls ?? {};
  return version === null && cipher === null ? null : `${version ?? '?'} ${cipher ?? '?'}`;
}

function askedDifferently(what: string): Conclusion {
  return {
    id: 'asked-differently',
    certainty: 'certain',
    says: `The clients did not offer the same, so that other answers are no wonder: ${what}.`,
    separate: 'Repeat with the same options and the same version of rdp-probe.',
  };
}

/** What it says that the same offers were answered in other ways. */
function reading(reports: readonly Compared[], what: string): Conclusion {
  const scanned = reports.every(({ diagnosis }) => diagnosis.scan !== null);
  if (byComputer(reports).size > 1) {
    return {
      id: 'members-differ',
      certainty: 'likely',
      says: `Those computers do not answer the same offer alike, so that they are not set up alike: ${what}.`,
      separate: `${scanned ? '' : 'rdp-probe scan of each by its own address; '}gpresult /h FILE on each of them: which policy does one lack?`,
    };
  }
  if (kindOf(reports) === 'times') {
    return {
      id: 'settings-changed',
      certainty: 'likely',
      says: `The same offer was answered in another way, so that settings or updates of the server changed between: ${what}.`,
      separate: `${scanned ? '' : 'rdp-probe scan tells how it is set up now; '}the event log of the host, what was changed.`,
    };
  }
  if (tlsIsAnotherProgram(reports)) {
    return {
      id: 'tls-answered-by-another',
      certainty: 'likely',
      says: `The same computer, by its own word, negotiates RDP alike and shows another key, and its TLS is set up in another way: ${what}. On the way of one of them something seems to end TLS itself.`,
      separate:
        'rdp-probe scan from the network of the server: whoever is answered otherwise than there has something in between.',
    };
  }
  return {
    id: 'answers-differ',
    certainty: 'possible',
    says: `The same offer was answered in another way: ${what}. Members of a farm that are not set up alike, a setting that was changed between, or something on the way that takes part.`,
    separate: `Repeat ${reports.length === 2 ? 'both' : 'all of them'} at the same time${scanned ? ', and from the network of the server.' : '; rdp-probe scan from both sites.'}`,
  };
}

/**
 * One computer by its own word and at one time, from several places: it answers X.224 alike, and TLS
 * with another key and as another program does.
 */
function tlsIsAnotherProgram(reports: readonly Compared[]): boolean {
  const [first] = reports;
  return (
    first !== undefined &&
    kindOf(reports) === 'sites' &&
    reports.every((one) => computerOf(one) !== null && atOnce(first, one)) &&
    keysOf(reports) === 'different' &&
    tlsAloneDiffers(reports)
  );
}
