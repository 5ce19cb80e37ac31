import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { labEnvironment } from './daemon.js';

const run = promisify(execFile);

/** Without the system's settings, which raise the lowest version and the security level. */
const ENVIRONMENT = { OPENSSL_CONF: '/dev/null' };

const VERSION_OPTIONS: Readonly<Record<string, string>> = {
  'TLSv1.0': '-tls1',
  'TLSv1.1': '-tls1_1',
  'TLSv1.2': '-tls1_2',
  'TLSv1.3': '-tls1_3',
};

/** Every suite up to TLS 1.2 that this OpenSSL has and a certificate can serve: number and name. */
export async function opensslSuites(): Promise<readonly { suite: number; name: string }[]> {
  const { stdout } = await run(
    'openssl',
    ['ciphers', '-V', 'ALL:COMPLEMENTOFALL:!PSK:!SRP:@SECLEVEL=0'],
    { env: labEnvironment(ENVIRONMENT) },
  );
  return [...stdout.matchAll(/0x(\w\w),0x(\w\w) - (\S+)/g)]
    .map(([, high = '', low = '', name = '']) => ({
      suite: Number.parseInt(high + low, 16),
      name,
    }))
    .filter(({ suite }) => suite < 0x1301 || suite > 0x1305);
}

/** Whether `openssl s_client` agrees on this version, and on this suite alone, with a port. */
export async function opensslConnects(
  port: number,
  version: string,
  suite: string | null,
): Promise<boolean> {
  const option = VERSION_OPTIONS[version];
  if (option === undefined) throw new Error(`openssl has no option for ${version}`);
  const ciphers = version === 'TLSv1.3' ? [] : ['-cipher', `${suite ?? 'ALL'}:@SECLEVEL=0`];
  const client = run(
    'openssl',
    ['s_client', '-connect', `127.0.0.1:${port}`, option, ...ciphers, '-brief'],
    { env: labEnvironment(ENVIRONMENT), timeout: 30_000 },
  );
  client.child.stdin?.end();
  try {
    const { stderr } = await client;
    return stderr.includes('CONNECTION ESTABLISHED');
  } catch (error) {
    const told = String(Reflect.get(Object(error), 'stderr'));
    if (!/alert|error:|unexpected eof/i.test(told)) throw error;
    return told.includes('CONNECTION ESTABLISHED');
  }
}
