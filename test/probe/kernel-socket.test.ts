import t from 'tap';
import { type KoffiImport, loadForeignFunctions } from '../../src/probe/foreign-functions.js';
import { openKernelSockets } from '../../src/probe/kernel-socket.js';
import { openSsSockets } from '../../src/probe/kernel-socket-ss.js';

/** What `import()` says of a package that was left out of an installation. */
const ABSENT: KoffiImport = async () => {
  throw Object.assign(new Error("Cannot find package 'koffi'"), { code: 'ERR_MODULE_NOT_FOUND' });
};

/** What koffi itself says where it has no build. */
const NO_BUILD: KoffiImport = async () => {
  throw new Error('Cannot find the native Koffi module; did you bundle it correctly?\nmore');
};

t.test('why there are no foreign functions', async (t) => {
  t.strictSame(await loadForeignFunctions(ABSENT), {
    available: false,
    why: 'the optional package koffi is not installed, so the kernel cannot be asked',
  });
  t.strictSame(await loadForeignFunctions(NO_BUILD), {
    available: false,
    why: 'the optional package koffi does not load here (Cannot find the native Koffi module; did you bundle it correctly?)',
  });
});

t.test('platforms without foreign functions say so', async (t) => {
  for (const platform of ['darwin', 'win32']) {
    const sockets = await openKernelSockets(platform, () => loadForeignFunctions(ABSENT));
    t.match(sockets, { available: false, why: /koffi is not installed/ });
  }
  const sockets = await openKernelSockets('sunos', () => loadForeignFunctions(ABSENT));
  t.match(sockets, { available: false, why: /on sunos$/ });
});

t.test('Linux without foreign functions falls back to ss, where there is one', async (t) => {
  const sockets = await openKernelSockets('linux', () => loadForeignFunctions(ABSENT));
  if (!sockets.available) {
    t.match(sockets.why, /koffi is not installed.*nor is there the command ss/);
    return;
  }
  t.equal(sockets.slow, true);
  for (const [ability, why] of Object.entries(sockets.abilities)) {
    t.match(why, /koffi is not installed/, ability);
  }
  const clamped = sockets.openStream({ family: 4, mss: 1200 });
  t.match(clamped, { kind: 'refused', why: /koffi is not installed/ });
  const datagram = sockets.openDatagram({ family: 4, protocol: 'udp' });
  t.match(datagram, { kind: 'refused', why: /koffi is not installed/ });
  t.equal(sockets.interfaceMtu('127.0.0.1'), null);
});

t.test('neither foreign functions nor ss', (t) => {
  t.strictSame(
    openSsSockets('no koffi', () => null),
    { available: false, why: 'no koffi; nor is there the command ss' },
  );
  t.end();
});
