import { join } from 'node:path';
import { type BigCapture, writeBigCapture } from '../bench/big-capture.js';
import { ownFolder } from './own-folder.js';

let small: (BigCapture & { readonly path: string }) | null = null;

/** A capture of one connection of each recording, with bulk transfers between them. */
export function smallCapture(): BigCapture & { readonly path: string } {
  if (small !== null) return small;
  const path = join(ownFolder(), 'small.pcapng');
  small = { ...writeBigCapture(path, 'pcapng', 4_600), path };
  return small;
}
