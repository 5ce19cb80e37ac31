import {
  type AnalyseOptions,
  analyseCapture,
  type CaptureAnalysis,
} from '../../src/capture/analyse.js';
import { captureFromBytes } from '../../src/capture/source.js';
import type { HandshakeTrace, TcpFiguresFact } from '../../src/handshake/trace.js';
import { fromHex } from '../../src/wire/hex.js';
import { type Captured, pcap } from './packets.js';

/** A connection request with a cookie that asks for TLS. */
export const REQUEST = fromHex(
  '0300002a25e00000000000436f6f6b69653a206d737473686173683d757365720d0a0100080001000000',
);
/** Its refusal: HYBRID_REQUIRED_BY_SERVER. */
export const CONFIRM = fromHex('030000130ed000000000000300080005000000');

export function analyse(
  packets: readonly Captured[],
  options: AnalyseOptions = {},
): Promise<CaptureAnalysis> {
  return analyseCapture(captureFromBytes(pcap(packets)), options);
}

/** The one trace of a capture. */
export async function traceOf(packets: readonly Captured[]): Promise<HandshakeTrace> {
  const { traces } = await analyse(packets);
  const [trace] = traces;
  if (trace === undefined) throw new Error('there is no trace');
  return trace;
}

export function figuresOf(trace: HandshakeTrace): TcpFiguresFact {
  const figures = trace.facts.find((fact) => fact.kind === 'tcp-figures');
  if (figures === undefined) throw new Error('the trace has no figures');
  return figures;
}
