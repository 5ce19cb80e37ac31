export { type AnalyseOptions, analyseCapture, type CaptureAnalysis } from './capture/analyse.js';
export { type ComparisonInput, compare, type ReportComparison } from './diagnose/compare.js';
export type { Conclusion } from './diagnose/compared.js';
export { diagnose } from './diagnose/diagnose.js';
export { diagnoseAgain } from './diagnose/diagnose-again.js';
export { type Explained, explain, type NearCode } from './diagnose/explain.js';
export type {
  Apart,
  Candidate,
  ClaimText,
  Explanation,
  PairReading,
  Reading,
} from './diagnose/explanation.js';
export type {
  Advice,
  Certainty,
  Diagnosis,
  Evidence,
  Finding,
  Signal,
  WeighedSignal,
} from './diagnose/finding.js';
export type { HostFacts } from './diagnose/host-facts.js';
export { type HostScript, hostScript } from './diagnose/host-script.js';
export type { Handshake, Outcome, Stage } from './handshake/handshake.js';
export type {
  DirectionReport,
  HistogramBin,
  LossReport,
  Mechanism,
  PathAttempt,
  PathReport,
  PathSample,
  SideEvidence,
  SizeTrial,
  Spread,
  UdpProbe,
  UdpReport,
  UdpStatus,
} from './handshake/path.js';
export { toHandshake } from './handshake/summary.js';
export type { Fact, HandshakeTrace, StageName } from './handshake/trace.js';
export { type Clock, systemClock } from './probe/clock.js';
export type { KernelSockets } from './probe/kernel-figures.js';
export { NO_KERNEL_SOCKETS, openKernelSockets } from './probe/kernel-socket.js';
export { type ProbeIo, probeTarget, type TargetOptions } from './probe/probe-target.js';
export {
  DEFAULT_SETTINGS,
  type ProbeSettings,
  renderTarget,
  stageLimits,
  type Target,
} from './probe/settings.js';
export { ProbeError, type ProbeErrorCode } from './probe-error.js';
export { type ReplayServer, type ReplayServerOptions, replayServer } from './replay-server.js';
export { buildReport } from './report/build-report.js';
export { renderHtml } from './report/html/page.js';
export { renderJson } from './report/json.js';
export { renderMarkdown } from './report/markdown.js';
export { renderDiagnosisLine, renderHandshakeLine } from './report/ndjson.js';
export { type ReadHostFacts, readHostFacts } from './report/read-host-facts.js';
export { type ReadReport, readReport } from './report/read-report.js';
export { REPORT_SCHEMA, type Report } from './report/report.js';
export { renderSummaryText, renderTargetText } from './report/text.js';
export type { TextStyle } from './report/text-style.js';
export { type Simulator, startSimulator } from './simulator/listen.js';
export type { Scenario, Step } from './simulator/scenario.js';
export { findScenario, SCENARIOS } from './simulator/scenarios.js';
