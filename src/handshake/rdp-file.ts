/** One setting of an `.rdp` file, and what it means for the connection. */
export interface RdpFileSetting {
  /** in small letters, as the documentation has it */
  readonly name: string;
  readonly value: string;
  /** one clause */
  readonly says: string;
}

/** What an `.rdp` file that was given as a target says, and what of it was followed. */
export interface RdpFileReport {
  /** as the user named it */
  readonly file: string;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin-1';
  /** settings that shaped the connection */
  readonly used: readonly RdpFileSetting[];
  /** settings that a client would follow, and that were not followed here */
  readonly told: readonly RdpFileSetting[];
  /** names of settings that have no bearing on the handshake; their values were not kept */
  readonly ignored: readonly string[];
  /** what is wrong with the file, or was overruled by the command line */
  readonly problems: readonly string[];
}
