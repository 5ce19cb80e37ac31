import type { FileHandle } from 'node:fs/promises';
import { open, unlink } from 'node:fs/promises';
import { cannotWrite } from '../capture/cannot-write.js';

/** A file that a run writes at its end, and that was made sure of before it began. */
export class OutputFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #isNew: boolean;

  private constructor(path: string, file: FileHandle, isNew: boolean) {
    this.path = path;
    this.#file = file;
    this.#isNew = isNew;
  }

  /**
   * Opened before the probe, so that nothing is asked of a server in vain.
   *
   * @throws ProbeError CANNOT_WRITE
   */
  static async open(path: string, overwrite: boolean): Promise<OutputFile> {
    try {
      return new OutputFile(path, await open(path, 'wx'), true);
    } catch (error) {
      if (!overwrite || !isThere(error)) throw cannotWrite(path, error);
    }
    try {
      // An old file keeps its content until there is something to replace it with.
      return new OutputFile(path, await open(path, 'a'), false);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** @throws ProbeError CANNOT_WRITE */
  async write(content: string | Uint8Array): Promise<void> {
    try {
      await this.#file.truncate(0);
      await this.#file.writeFile(content);
      await this.#file.close();
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }

  /** The run broke off: leaves no empty file behind. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    if (this.#isNew) await unlink(this.path).catch(() => {});
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'EEXIST';
}
