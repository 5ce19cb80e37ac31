import { ProbeError } from '../probe-error.js';

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  EEXIST: 'it is there already: --force replaces it',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** A failure to write a file, as one sentence. */
export function cannotWrite(path: string, error: unknown): ProbeError {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const known = typeof code === 'string' ? SYSTEM_ERRORS[code] : undefined;
  const says = known ?? (error instanceof Error ? error.message : String(error));
  return new ProbeError('CANNOT_WRITE', `${path} cannot be written: ${says}`, { cause: error });
}
