/**
 * size-echo.mjs serve ADDRESS PORT
 * size-echo.mjs ask ADDRESS PORT TRIALS_JSON
 *
 * Measures a path without the tool that is to be tested: UDP datagrams that make a whole IP packet
 * of a given size each way. The kernel forbids routers to fragment them.
 * A trial is {"toServer":1400,"fromServer":100,"count":3,"gapMs":20}: so many questions of the one
 * size, each asking for an answer of the other. Prints for each trial how many answers came, their
 * round-trip times in ms, and how often the kernel refused to send.
 */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

/** When nothing has come for so long, nothing more will: what is missing was lost. */
const QUIET_MS = 600;
const POLL_MS = 20;

/** Number of the question, size of the answer. */
const QUESTION_BYTES = 6;

const [mode, address = '', port = '', trialsText = '[]'] = process.argv.slice(2);
const family = address.includes(':') ? 6 : 4;
const headerBytes = (family === 6 ? 40 : 20) + 8;
const socket = createSocket(family === 6 ? 'udp6' : 'udp4');

function serve() {
  socket.on('message', (question, { address: client, port: clientPort }) => {
    const answer = Buffer.alloc(question.readUInt16BE(4) - headerBytes);
    answer.writeUInt32BE(question.readUInt32BE(0));
    socket.send(answer, clientPort, client);
  });
  // ICMP about an earlier answer is no reason to stop.
  socket.on('error', () => {});
  socket.bind(Number(port), address, () => process.stdout.write('ready\n'));
}

async function ask() {
  /** @type {Map<number, number>} */
  const sentAt = new Map();
  /** @type {Map<number, number>} */
  const rttMs = new Map();
  let heardAt = 0;
  socket.on('message', (answer) => {
    const number = answer.readUInt32BE(0);
    heardAt = performance.now();
    rttMs.set(number, heardAt - (sentAt.get(number) ?? Number.NaN));
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.connect(Number(port), address, () => resolve(undefined)));
  let number = 0;
  const results = [];
  for (const { toServer, fromServer, count, gapMs } of JSON.parse(trialsText)) {
    const first = number;
    const before = rttMs.size;
    let refused = 0;
    for (let sent = 0; sent < count; sent += 1) {
      const question = Buffer.alloc(Math.max(QUESTION_BYTES, toServer - headerBytes));
      question.writeUInt32BE(number);
      question.writeUInt16BE(fromServer, 4);
      sentAt.set(number, performance.now());
      socket.send(question, (error) => {
        if (error !== null && error !== undefined) refused += 1;
      });
      number += 1;
      await sleep(gapMs);
    }
    heardAt = performance.now();
    while (rttMs.size - before < count && performance.now() - heardAt < QUIET_MS) {
      await sleep(POLL_MS);
    }
    const times = [...rttMs].filter(([one]) => one >= first).map(([, ms]) => ms);
    results.push({ toServer, fromServer, answers: times.length, refused, rttMs: times });
  }
  process.stdout.write(`${JSON.stringify(results)}\n`);
  socket.close();
}

if (mode === 'serve') serve();
else await ask();
