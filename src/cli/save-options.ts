import { ProbeError } from '../probe-error.js';

/** In the order in which they are tried: tcpdump is ready sooner. */
const CAPTURE_PROGRAMS = ['tcpdump', 'dumpcap'] as const;
export type CaptureProgram = (typeof CAPTURE_PROGRAMS)[number];

/** Options that say what is kept of a run, as the command line has them. */
export interface RawSaveOptions {
  readonly save?: string;
  /** the page of --html may be replaced by it as well */
  readonly html?: string;
  readonly force?: boolean;
  readonly captureWith?: string;
  /** false: `--no-secrets` */
  readonly secrets: boolean;
}

export interface SaveOrder {
  readonly path: string;
  readonly overwrite: boolean;
  /** in the order in which they are tried; none: packets are synthesised */
  readonly programs: readonly CaptureProgram[];
  /** the program was asked for by name, so nothing else will do */
  readonly insists: boolean;
  readonly withSecrets: boolean;
}

/**
 * @returns null: nothing is to be saved
 * @throws ProbeError BAD_OPTION
 */
export function readSaveOptions(raw: RawSaveOptions): SaveOrder | null {
  const { save, captureWith } = raw;
  if (save === undefined) {
    const [stray] = [
      ...(raw.force === true && raw.html === undefined ? ['--force'] : []),
      ...(captureWith === undefined ? [] : ['--capture-with']),
      ...(raw.secrets ? [] : ['--no-secrets']),
    ];
    if (stray !== undefined) {
      const or = stray === '--force' ? ' or --html FILE' : '';
      throw new ProbeError(
        'BAD_OPTION',
        `${stray} goes with --save FILE.pcapng${or}, which is missing`,
      );
    }
    return null;
  }
  if (save === '' || save === '-') {
    throw new ProbeError(
      'BAD_OPTION',
      '--save takes the name of a file: the report goes to standard output',
    );
  }
  return {
    path: save,
    overwrite: raw.force === true,
    ...readPrograms(captureWith ?? 'auto'),
    withSecrets: raw.secrets,
  };
}

function readPrograms(text: string): Pick<SaveOrder, 'programs' | 'insists'> {
  if (text === 'auto') return { programs: CAPTURE_PROGRAMS, insists: false };
  if (text === 'none') return { programs: [], insists: false };
  const program = CAPTURE_PROGRAMS.find((known) => known === text);
  if (program !== undefined) return { programs: [program], insists: true };
  throw new ProbeError(
    'BAD_OPTION',
    `--capture-with takes auto, ${CAPTURE_PROGRAMS.join(', ')} or none, not '${text}'`,
  );
}
