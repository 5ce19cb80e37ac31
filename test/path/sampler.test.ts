import t from 'tap';
import { Sampler, type Ticker } from '../../src/path/sampler.js';
import type { Clock } from '../../src/probe/clock.js';
import { NOTHING_KNOWN, type TcpInfo } from '../../src/probe/tcp-info.js';

/** A clock and a ticker that stand still until told. */
class FakeTime {
  #now = 0;
  #tick: (() => void) | null = null;
  intervalMs = 0;
  readonly clock: Clock = { startedAt: 0, now: () => this.#now };
  readonly ticker: Ticker = (tick, intervalMs) => {
    this.#tick = tick;
    this.intervalMs = intervalMs;
    return () => {
      this.#tick = null;
    };
  };

  get runs(): boolean {
    return this.#tick !== null;
  }

  /** Time that a call takes. */
  spend(ms: number): void {
    this.#now += ms * 1000;
  }

  /** Waits, with a tick after each interval. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += this.intervalMs) {
      this.#now += this.intervalMs * 1000;
      this.#tick?.();
    }
  }
}

function counting(): () => TcpInfo {
  let bytesSent = 0;
  return () => ({ ...NOTHING_KNOWN, bytesSent: bytesSent++ });
}

t.test('named moments, and every 100 ms in between', (t) => {
  const time = new FakeTime();
  const sampler = new Sampler(counting(), time.clock, time.ticker);
  time.spend(1);
  sampler.take('connect');
  time.pass(250);
  sampler.take('x224');
  const seen = sampler.series.map(({ at, moment, info }) => [at, moment, info.bytesSent]);
  t.strictSame(seen, [
    [1000, 'connect', 0],
    [101_000, 'waiting', 1],
    [201_000, 'waiting', 2],
    [301_000, 'waiting', 3],
    [301_000, 'x224', 4],
  ]);
  sampler.stop();
  sampler.stop();
  t.notOk(time.runs);
  time.pass(500);
  t.equal(sampler.series.length, 5, 'nothing by itself any more');
  t.match(sampler.take('close'), { moment: 'close' }, 'but what is asked for');
  t.equal(sampler.series.length, 6);
  t.end();
});

t.test('what the kernel does not tell leaves no sample', (t) => {
  const time = new FakeTime();
  const sampler = new Sampler(() => null, time.clock, time.ticker);
  t.equal(sampler.take('connect'), null);
  time.pass(1000);
  t.strictSame(sampler.series, []);
  t.end();
});

t.test('hours of waiting: bounded, in order, named moments kept', (t) => {
  const time = new FakeTime();
  const sampler = new Sampler(counting(), time.clock, time.ticker);
  sampler.take('connect');
  for (let i = 0; i < 100; i++) {
    time.pass(120_000);
    sampler.take(`moment ${i}`);
    if (sampler.series.length > 1000) t.fail(`${sampler.series.length} samples`);
  }
  const { series } = sampler;
  t.equal(series[0]?.moment, 'connect');
  t.equal(series.at(-1)?.moment, 'moment 99');
  t.equal(series.filter(({ moment }) => moment.startsWith('moment')).length, 100);
  t.ok(series.filter(({ moment }) => moment === 'waiting').length > 100, 'and of the waiting some');
  for (const [index, sample] of series.entries()) {
    if (index > 0 && sample.at < (series[index - 1]?.at ?? 0)) t.fail('out of order');
  }
  const gaps = series.slice(1).map(({ at }, index) => at - (series[index]?.at ?? 0));
  t.ok(Math.max(...gaps) <= 120_000_000, 'no stretch of it is lost');
  t.end();
});

t.test('more moments than it keeps', (t) => {
  const time = new FakeTime();
  const sampler = new Sampler(counting(), time.clock, time.ticker);
  for (let i = 0; i < 5000; i++) {
    time.spend(1);
    sampler.take(`size ${i}`);
    if (sampler.series.length > 1000) t.fail(`${sampler.series.length} samples`);
  }
  t.equal(sampler.series[0]?.moment, 'size 0');
  t.equal(sampler.series.at(-1)?.moment, 'size 4999');
  t.end();
});

t.test('slow readings rest, so that most of the time is free', (t) => {
  const time = new FakeTime();
  let readings = 0;
  const slow = (): TcpInfo => {
    readings++;
    time.spend(20);
    return NOTHING_KNOWN;
  };
  const sampler = new Sampler(slow, time.clock, time.ticker);
  sampler.take('connect');
  time.pass(10_000);
  t.ok(readings > 15 && readings <= 26, `${readings} readings of 20 ms in ten seconds`);
  t.end();
});

t.test('the timer holds up no end of the program, and ends with stop', async (t) => {
  const clock: Clock = { startedAt: 0, now: () => Math.round(performance.now() * 1000) };
  const sampler = new Sampler(counting(), clock);
  while (sampler.series.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  sampler.stop();
  const { length } = sampler.series;
  await new Promise((resolve) => setTimeout(resolve, 250));
  t.equal(sampler.series.length, length);
  t.ok(sampler.series.every(({ moment }) => moment === 'waiting'));
});
