import type { Socket } from 'node:net';

/**
 * Lets go of a connection with a RST, so that its peer does not go on trying. While an end of ours is
 * still under way (the peer takes nothing) libuv refuses to reset, and Node would never close the
 * socket: the process would not end any more. Then it is closed as it is.
 */
export function resetAndLetGo(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
