/** A function of a C library. What its prototype says is what it takes; nobody checks it again. */
export type ForeignFunction = (...values: readonly unknown[]) => unknown;

export interface ForeignLibrary {
  /** @param prototype in C, with koffi's `_Out_` and `_Inout_` before pointers that are written to */
  bind(prototype: string): ForeignFunction;
}

/** Calls into C libraries of the system, or the reason why there are none. */
export type ForeignFunctions =
  | {
      readonly available: true;
      /** @param library null: what is loaded in this process already, with the C library in it */
      open(library: string | null): ForeignLibrary;
      readonly pointerBytes: number;
      /** `errno` of the last call */
      errno(): number;
    }
  | { readonly available: false; readonly why: string };

/** Imports the package; the tests pass one that fails. */
export type KoffiImport = () => Promise<typeof import('koffi')['default']>;

const importKoffi: KoffiImport = async () => (await import('koffi')).default;

/**
 * Loads the optional package koffi: the only file that knows it. Never throws; where it is absent,
 * or has no build for this platform, the reason is in `why`.
 */
export async function loadForeignFunctions(
  load: KoffiImport = importKoffi,
): Promise<ForeignFunctions> {
  let koffi: Awaited<ReturnType<KoffiImport>>;
  try {
    koffi = await load();
  } catch (error) {
    return { available: false, why: whyNotLoaded(error) };
  }
  return {
    available: true,
    pointerBytes: koffi.sizeof('void *'),
    open: (library) => {
      const loaded = koffi.load(library);
      return { bind: (prototype) => loaded.func(prototype) };
    },
    errno: () => koffi.errno(),
  };
}

function whyNotLoaded(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    return 'the optional package koffi is not installed, so the kernel cannot be asked';
  }
  const says = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '';
  return `the optional package koffi does not load here (${says || 'no reason given'})`;
}
