import t from 'tap';
import { gatherPing, type PingSays, parsePing, pingCommand } from '../../src/path/ping.js';
import { parseTracepath, type TracepathSays } from '../../src/path/tracepath.js';
import { scriptsNamed } from './scripts.js';

const STATISTICS = `
--- 10.77.2.2 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 203ms
`;
const HEAD = 'PING 10.77.2.2 (10.77.2.2) 1472(1500) bytes of data.\n';

/** iputils 20221126 in namespaces of ours, whose second link has an MTU of 1280. */
const IPUTILS: readonly [name: string, output: string, says: PingSays][] = [
  [
    'replies',
    `PING 10.77.2.2 (10.77.2.2) 1232(1260) bytes of data.
1240 bytes from 10.77.2.2: icmp_seq=1 ttl=63 time=0.482 ms
1240 bytes from 10.77.2.2: icmp_seq=2 ttl=63 time=0.060 ms

--- 10.77.2.2 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 202ms
rtt min/avg/max/mdev = 0.060/0.271/0.482/0.211 ms
`,
    { result: 'came-back', by: null, mtu: null },
  ],
  [
    'a router refuses, and then our kernel has learned it',
    `${HEAD}From 10.77.1.1 icmp_seq=1 Frag needed and DF set (mtu = 1280)
ping: local error: message too long, mtu=1280
${STATISTICS}`,
    { result: 'refused', by: '10.77.1.1', mtu: 1280 },
  ],
  [
    'a router of old times names no MTU',
    `${HEAD}From 10.77.1.1 icmp_seq=1 Frag needed and DF set (mtu = 0)\n${STATISTICS}`,
    { result: 'refused', by: '10.77.1.1', mtu: null },
  ],
  [
    'our own kernel refuses',
    `${HEAD}ping: local error: message too long, mtu=1280
ping: local error: message too long, mtu=1280
${STATISTICS}`,
    { result: 'refused', by: null, mtu: 1280 },
  ],
  ['silence', `${HEAD}${STATISTICS}`, { result: 'silent', by: null, mtu: null }],
  [
    'no route behind the router',
    `PING 192.0.2.1 (192.0.2.1) 1000(1028) bytes of data.
From 10.77.1.1 icmp_seq=1 Destination Net Unreachable
From 10.77.1.1 icmp_seq=2 Destination Net Unreachable
${STATISTICS}`,
    { result: 'unreachable', by: '10.77.1.1', mtu: null },
  ],
  [
    'IPv6 replies',
    `PING fd77:2::2(fd77:2::2) 1232 data bytes
1240 bytes from fd77:2::2: icmp_seq=1 ttl=63 time=0.083 ms
1240 bytes from fd77:2::2: icmp_seq=2 ttl=63 time=0.079 ms
`,
    { result: 'came-back', by: null, mtu: null },
  ],
  [
    'a router refuses IPv6',
    `PING fd77:2::2(fd77:2::2) 1400 data bytes
From fd77:1::1 icmp_seq=1 Packet too big: mtu=1280
ping: local error: message too long, mtu: 1280
`,
    { result: 'refused', by: 'fd77:1::1', mtu: 1280 },
  ],
  [
    'our own kernel refuses IPv6',
    `PING fd77:2::2(fd77:2::2) 1400 data bytes
ping: local error: message too long, mtu: 1280
`,
    { result: 'refused', by: null, mtu: 1280 },
  ],
  [
    'what is no address and no MTU is not passed on',
    'From \u001b[31mevil icmp_seq=1 Frag needed and DF set (mtu = 99999999)\n',
    { result: 'refused', by: null, mtu: null },
  ],
];

/** From the manual and from published transcripts; not recorded by us. */
const OTHERS: readonly [name: string, platform: string, output: string, says: PingSays][] = [
  [
    'Windows, English',
    'win32',
    'Reply from 192.0.2.7: bytes=1372 time=12ms TTL=116\r\n',
    { result: 'came-back', by: null, mtu: null },
  ],
  [
    'Windows, German',
    'win32',
    'Antwort von 192.0.2.7: Bytes=1372 Zeit=12ms TTL=116\r\n',
    { result: 'came-back', by: null, mtu: null },
  ],
  [
    'Windows: a line of another kind is no reply, whatever its exit status',
    'win32',
    'Antwort von 192.0.2.1: Zielhost nicht erreichbar.\r\n',
    { result: 'silent', by: null, mtu: null },
  ],
  [
    'macOS',
    'darwin',
    '1380 bytes from 192.0.2.7: icmp_seq=0 ttl=57 time=11.806 ms\n',
    { result: 'came-back', by: null, mtu: null },
  ],
  [
    'macOS, IPv6',
    'darwin',
    '1360 bytes from 2001:db8::7, icmp_seq=0 hlim=57 time=11.806 ms\n',
    { result: 'came-back', by: null, mtu: null },
  ],
  [
    'macOS: a router refuses',
    'darwin',
    '36 bytes from 192.0.2.1: frag needed and DF set (MTU 1280)\n',
    { result: 'refused', by: '192.0.2.1', mtu: 1280 },
  ],
  [
    'macOS: its own kernel refuses',
    'darwin',
    'ping: sendto: Message too long\n',
    { result: 'refused', by: null, mtu: null },
  ],
];

t.test('what ping says', (t) => {
  for (const [name, output, says] of IPUTILS) t.strictSame(parsePing(output, 'linux'), says, name);
  for (const [name, platform, output, says] of OTHERS) {
    t.strictSame(parsePing(output, platform), says, name);
  }
  t.end();
});

t.test('how ping is called', (t) => {
  const line = (platform: string, family: 4 | 6, address: string, environment = {}) => {
    const command = pingCommand({ platform, family, address, environment }, 1400);
    return command.kind === 'none' ? command.why : [command.program, ...command.args].join(' ');
  };
  t.equal(
    line('linux', 4, '192.0.2.7'),
    'ping -n -c 2 -i 0.2 -W 1 -M do -s 1372 192.0.2.7',
    'the size is that of the data',
  );
  t.equal(line('linux', 6, '::1'), 'ping -n -c 2 -i 0.2 -W 1 -M do -s 1352 ::1');
  t.equal(line('darwin', 4, '192.0.2.7'), 'ping -n -D -c 2 -i 0.2 -W 1000 -s 1372 192.0.2.7');
  t.equal(line('darwin', 6, '::1'), 'ping6 -n -D -c 2 -i 0.2 -s 1352 ::1');
  t.equal(
    line('win32', 4, '192.0.2.7', { SystemRoot: 'D:\\Win' }),
    'D:\\Win\\System32\\ping.exe -n 2 -w 1000 -f -l 1372 192.0.2.7',
  );
  t.match(line('win32', 6, '::1'), /cannot forbid fragments/);
  t.match(line('aix', 4, '192.0.2.7'), /not known/);
  t.match(line('linux', 4, '-f'), /only given addresses/);
  t.end();
});

/** iputils 20221126, the same namespaces; the second of each was made up. */
const TRACES: readonly [name: string, output: string, says: TracepathSays][] = [
  [
    'a router lowers it',
    ` 1?: [LOCALHOST]                      pmtu 1500
 1:  10.77.1.1                                             0.054ms 
 1:  10.77.1.1                                             0.058ms 
 2:  10.77.1.1                                             0.014ms pmtu 1280
 2:  10.77.2.2                                             0.018ms reached
     Resume: pmtu 1280 hops 2 back 2 
`,
    { pathMtu: 1280, loweredBy: '10.77.1.1', reached: true },
  ],
  [
    'IPv6',
    ` 1?: [LOCALHOST]                        0.022ms pmtu 1500
 1:  fd77:1::1                                             0.052ms 
 2:  fd77:1::1                                             0.017ms pmtu 1280
 2:  fd77:2::2                                             0.020ms reached
     Resume: pmtu 1280 hops 2 back 2 
`,
    { pathMtu: 1280, loweredBy: 'fd77:1::1', reached: true },
  ],
  [
    'loopback',
    ` 1:  127.0.0.1                                             0.227ms reached
     Resume: pmtu 65535 hops 1 back 1 
`,
    { pathMtu: 65535, loweredBy: null, reached: true },
  ],
  [
    'nothing to be had',
    ` 1:  send failed
     Resume: pmtu 65535 
`,
    { pathMtu: 65535, loweredBy: null, reached: false },
  ],
  [
    'the target is silent (made up)',
    ` 1?: [LOCALHOST]                      pmtu 1500
 1:  10.77.1.1                                             0.054ms asymm  2 pmtu 1400
 2:  no reply
     Too many hops: pmtu 1400
     Resume: pmtu 1400 
`,
    { pathMtu: 1400, loweredBy: '10.77.1.1', reached: false },
  ],
  ['no output', '', { pathMtu: null, loweredBy: null, reached: false }],
];

t.test('what tracepath says', (t) => {
  for (const [name, output, says] of TRACES) t.strictSame(parseTracepath(output), says, name);
  t.end();
});

const signal = new AbortController().signal;
const LINUX = { address: '10.77.2.2', family: 4, platform: 'linux' } as const;

t.test('rising sizes, up to the first that fails', async (t) => {
  const { folder, calls } = scriptsNamed(t, {
    ping: `
      eval size=\\\${$(($# - 1))}
      if [ "$size" -le 1372 ]; then echo "$size bytes from 10.77.2.2: icmp_seq=1 ttl=63 time=1 ms"
      else exit 1; fi`,
  });
  const environment = { PATH: `${folder}:${process.env['PATH']}` };
  const gathered = await gatherPing(
    { ...LINUX, environment, sizes: [1500, 1000, 1400, 1450, 1400, 3] },
    signal,
  );
  t.strictSame(gathered, {
    kind: 'evidence',
    evidence: [
      {
        what: 'ping',
        says: 'ping with do-not-fragment: 1400 bytes come back; 1450 bytes do not, on the way there or on the way back',
        passUpTo: 1400,
        failsFrom: 1450,
        reportedBy: null,
        reportedMtu: null,
      },
    ],
  });
  t.strictSame(
    calls().map((call) => call.split(' ').at(-2)),
    ['972', '1372', '1422'],
  );
});

t.test('what ping cannot tell', async (t) => {
  const run = (script: string, sizes = [1000, 1400]) => {
    const { folder } = scriptsNamed(t, { ping: script });
    const environment = { PATH: `${folder}:${process.env['PATH']}` };
    return gatherPing({ ...LINUX, environment, sizes }, signal);
  };
  t.match(await run('exit 1'), {
    kind: 'evidence',
    evidence: [
      { says: /no reply to 1000 bytes; the host or a firewall may drop ICMP/, failsFrom: null },
    ],
  });
  t.match(await run('echo "ping: local error: message too long, mtu=900" >&2; exit 1'), {
    evidence: [
      {
        says: 'ping with do-not-fragment: this system refuses 1000 bytes and names 900 as the most',
        passUpTo: null,
        failsFrom: 1000,
        reportedMtu: 900,
      },
    ],
  });
  t.match(await run('echo "usage: ping"; exit 2'), {
    kind: 'nothing',
    why: 'ping failed (exit status 2)',
  });
  t.match(await run('exit 1', []), { kind: 'nothing' });
  t.match(
    await gatherPing({ ...LINUX, environment: { PATH: '/nowhere' }, sizes: [1400] }, signal),
    {
      kind: 'nothing',
      why: 'ping cannot be run (ENOENT)',
    },
  );
});
