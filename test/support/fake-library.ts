import type { ForeignFunctions } from '../../src/probe/foreign-functions.js';

/** A C library of our own making: functions by their name in the prototype. */
export function fakeLibrary(
  functions: Readonly<Record<string, (...values: never[]) => unknown>>,
): ForeignFunctions & { available: true; readonly opened: readonly (string | null)[] } {
  const opened: (string | null)[] = [];
  let errno = 0;
  return {
    available: true,
    pointerBytes: 8,
    opened,
    errno: () => errno,
    open(library) {
      opened.push(library);
      return {
        bind(prototype) {
          const name = /(\w+)\(/.exec(prototype)?.[1] ?? '';
          const found = functions[name];
          if (found === undefined) throw new Error(`no function ${name}`);
          return (...values) => {
            const result = Reflect.apply(found, null, values);
            // As in the kernel: a negated error number.
            if (typeof result !== 'number' || result >= 0) return result;
            errno = -result;
            return -1;
          };
        },
      };
    },
  };
}
