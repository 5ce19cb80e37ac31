/**
 * as-root.mjs COMMAND...: runs a command where it may build network namespaces.
 *
 * As root, as it is. As anybody else, inside namespaces of its own in which it looks like root
 * (`unshare -Urnm`), with a /run and an X11 socket directory of its own, which `ip netns` and
 * display servers write into. Where that is not allowed either it says why, loudly, and still runs
 * the command: with CI=true it fails then, otherwise it skips.
 */
import { spawnSync } from 'node:child_process';

/** Where this is set the suite knows that it cannot run, and why. See requirements.ts. */
const NO_NAMESPACES = 'RDP_PROBE_NO_NAMESPACES';

const UNSHARE = ['unshare', '--user', '--map-root-user', '--net', '--mount'];

const SETUP = `
mount -t tmpfs tmpfs /run && mkdir /run/netns &&
if [ -d /tmp/.X11-unix ]; then mount -t tmpfs -o mode=1777 tmpfs /tmp/.X11-unix; fi &&
ip link set lo up && exec "$@"`;

const [program = 'true', ...rest] = process.argv.slice(2);

/** @param {readonly string[]} command */
function works(command) {
  const [name = '', ...words] = command;
  const { status, stderr, error } = spawnSync(name, words, { encoding: 'utf8' });
  if (status === 0) return null;
  return (error?.message ?? stderr ?? '').trim() || `${command.join(' ')} ended with ${status}`;
}

/**
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} more
 */
function run(command, more = {}) {
  const [name = '', ...words] = command;
  const { status, error } = spawnSync(name, words, {
    stdio: 'inherit',
    env: { ...process.env, ...more },
  });
  if (error !== undefined) process.stderr.write(`${error.message}\n`);
  process.exit(status ?? 1);
}

const inside = (/** @type {readonly string[]} */ command) => [
  ...UNSHARE,
  ...['sh', '-c', SETUP, 'as-root', ...command],
];

const asRoot =
  process.getuid?.() === 0 ? works(['unshare', '--net', '--mount', 'true']) : 'not root';
if (asRoot === null) run([program, ...rest]);

const asOther = works(inside(['ip', 'netns', 'add', 'trial']));
if (asOther === null) {
  process.stderr.write('not root: in a user namespace\n');
  run(inside([program, ...rest]));
}

const why =
  `no network namespaces here. As it is: ${asRoot}. By ${UNSHARE.join(' ')}: ${asOther}. ` +
  'Run it as root, or allow user namespaces to ordinary users (sysctl user.max_user_namespaces, ' +
  'kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)';
process.stderr.write(`\n*** THE PATH IS NOT TESTED: ${why} ***\n\n`);
run([program, ...rest], { [NO_NAMESPACES]: why });
